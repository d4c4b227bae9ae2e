import { render, screen } from "@testing-library/preact";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { Choices } from "./Choices";

function Example() {
  const [value, setValue] = useState<"a" | "b" | "c">("a");
  const choices = (["a", "b", "c"] as const).map((one) => ({ value: one, label: one.toUpperCase() }));
  return <Choices label="Letter" value={value} choices={choices} onChoose={setValue} />;
}

const checked = () => screen.getByRole("radio", { checked: true }).textContent;

it("selects a choice by click and by arrow keys, and moves the focus with it", async () => {
  render(<Example />);
  await userEvent.click(screen.getByRole("radio", { name: "B" }));
  expect(checked()).toBe("B");
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(checked()).toBe("A");
  expect(document.activeElement?.textContent).toBe("A");
  await userEvent.keyboard("{ArrowUp}");
  expect(checked()).toBe("C");
});

it("is one stop of the tab key", async () => {
  render(<Example />);
  await userEvent.tab();
  expect(document.activeElement?.textContent).toBe("A");
  await userEvent.tab();
  expect(document.activeElement).toBe(document.body);
});

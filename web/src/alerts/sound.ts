/** The sound of a fire: two short tones, made by the browser, so that no file is loaded. */

const TONES = [
  { frequency: 660, at: 0 },
  { frequency: 880, at: 0.16 },
] as const;
const SECONDS = 0.14;
const VOLUME = 0.2;

let context: AudioContext | null = null;

/** Play the sound. Browsers stay silent until the user has clicked something on the page. */
export function playSound(): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  void context.resume();
  for (const { frequency, at } of TONES) playTone(context, frequency, context.currentTime + at);
}

function playTone(audio: AudioContext, frequency: number, start: number): void {
  const [tone, gain] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = frequency;
  gain.gain.setValueAtTime(VOLUME, start);
  gain.gain.exponentialRampToValueAtTime(0.001, start + SECONDS);
  tone.connect(gain).connect(audio.destination);
  tone.start(start);
  tone.stop(start + SECONDS);
}

"""The simulated exchange on the wire: REST, websocket, and the controls of the simulator."""

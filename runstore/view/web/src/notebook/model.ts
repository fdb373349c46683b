// What anywidget gives of a widget's model, as far as it is used here.

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  send(message: object): void;
  on(event: string, heard: (...told: never[]) => void): void;
  off(event: string, heard: (...told: never[]) => void): void;
}

// A part that fails says so in its own place; the rest of the page goes on.

import { Component, type ComponentChildren } from "preact";
import { Failed } from "./empty";

export class Caught extends Component<{ what: string; children: ComponentChildren }, { error: Error | null }> {
  override state = { error: null };

  static override getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <Failed error={error} what={`${this.props.what} can't be shown.`} again={() => this.setState({ error: null })} />;
  }
}

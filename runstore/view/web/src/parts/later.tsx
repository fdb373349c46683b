// Pages, and large parts of them, that are fetched when they are first gone to, so that the first page is there sooner.

import type { ComponentType } from "preact";
import { useAsked } from "../state/answer";
import { Failed, Waiting } from "./empty";

/** A page whose module is loaded when it is first shown. */
export function later<Props extends object = object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let known: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const { value, error, again } = useAsked(known ? null : "page", async () => {
      known = await load();
      return { Page: known }; // wrapped: a state that is a function would be called
    });
    const Page = known ?? value?.Page;
    if (Page) return <Page {...props} />;
    return error ? <Failed error={error} what="The page can't be loaded." again={again} /> : <Waiting lines={6} />;
  };
}

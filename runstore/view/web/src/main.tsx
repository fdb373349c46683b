// The page's first module: it puts the page into the document.
import { render } from "preact";
import "./theme/tokens.css";

function Page() {
  return <main>runstore</main>;
}

const place = document.getElementById("page");
if (place !== null) render(<Page />, place);

// The explorer: Swagger UI on /openapi.json, and a demo member at a click.
"use strict";

const explorer = SwaggerUIBundle({
  dom_id: "#explorer",
  url: "/openapi.json",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});

const button = document.getElementById("sign-in");
const told = document.getElementById("signed-in");

async function signIn() {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true"); // not disabled: that would lose the keyboard's place
  try {
    const answer = await fetch("/simulator/sign-in", {method: "POST"});
    const body = await answer.json();
    if (!body.success) throw new Error(body.error.message);
    explorer.preauthorizeApiKey("session", body.data.accessToken);
    told.textContent = `Signed in as ${body.data.user.firstName} (${body.data.user.email}).`;
  } catch (problem) {
    told.textContent = `That did not work: ${problem.message}`;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

button?.addEventListener("click", signIn);

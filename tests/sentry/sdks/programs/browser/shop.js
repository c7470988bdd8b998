// A shop's page: each button does what an app does with the SDK. `OPTIONS` come from the test, and
// have the DSN.
Sentry.init({ debug: true, release: "shop@1.4.2", environment: "staging", ...OPTIONS });
if (Sentry.setUser) {
  Sentry.setUser({ id: "u-77", email: "private@example.com", ip_address: "{{auto}}" });
}
Sentry.setTag("shop", "garden");

let lastEvent;

function pay() {
  throw new RangeError("No price for the shovel");
}

const deeds = {
  message: () => Sentry.captureMessage("The basket is slow", "warning"),
  handled: () => {
    try {
      pay();
    } catch (error) {
      lastEvent = Sentry.captureException(error);
    }
  },
  crash: () => null.total,
  rejection: () => void Promise.reject(new TypeError("Nobody waits for the shovel")),
  feedback: () =>
    Sentry.captureFeedback(
      {
        message: "The page stays blank",
        name: "Nora",
        email: "nora@example.com",
        url: "https://shop.example/pay?token=secret-of-the-query",
        associatedEventId: lastEvent,
      },
      { attachments: [{ filename: "app.log", data: "what the app wrote" }] },
    ),
  report: () =>
    Sentry.captureUserFeedback({
      event_id: lastEvent,
      name: "Nora",
      email: "nora@example.com",
      comments: "The page stays blank",
    }),
  dialog: () =>
    Sentry.showReportDialog({
      eventId: lastEvent,
      lang: "de",
      title: "Oh nein!",
      user: { name: "Nora", email: "nora@example.com" },
      onLoad: () => (document.title = "Dialog is there"),
      onClose: () => (document.title = "Dialog is gone"),
    }),
};
for (const [name, deed] of Object.entries(deeds)) {
  const button = document.createElement("button");
  button.textContent = name;
  button.addEventListener("click", deed);
  document.body.append(button);
}

// A web app that answers four requests, one of which fails: its sessions are told as sums.
const Sentry = require("@sentry/node");

Sentry.init({ debug: true });
const http = require("node:http");

function shop(request, response) {
  if (request.url.startsWith("/pay")) {
    throw new RangeError("No total"); // secret of this line
  }
  response.end("shovels");
}

// As Express calls what is in its row: the SDK's own handlers stand around the app's.
function inRow({ requestHandler, errorHandler }) {
  const [before, onError] = [requestHandler(), errorHandler()];
  return (request, response) =>
    before(request, response, () => {
      try {
        shop(request, response);
      } catch (error) {
        onError(error, request, response, () => response.writeHead(500).end());
      }
    });
}

// Version 11 wraps http by itself.
function asItIs(request, response) {
  try {
    shop(request, response);
  } catch (error) {
    Sentry.captureException(error, { mechanism: { type: "shop", handled: false } });
    response.writeHead(500).end();
  }
}

const server = http.createServer(Sentry.Handlers ? inRow(Sentry.Handlers) : asItIs);
server.listen(0, "127.0.0.1", async () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  for (const path of ["/", "/shovels", "/pay?token=secret-of-the-query", "/"]) {
    await new Promise((done) =>
      http.get(address + path, (answer) => answer.resume().on("end", done)),
    );
  }
  server.close();
  const isAllSent = await Sentry.close(5000);
  process.exit(isAllSent ? 0 : 9);
});

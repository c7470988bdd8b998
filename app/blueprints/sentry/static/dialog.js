(function () {
  "use strict";
  var told = "{{ told }}";
  var texts = told.texts;
  var address = document.currentScript && document.currentScript.src;
  var before = document.activeElement;

  var style =
    ":host{all:initial}" +
    "*{box-sizing:border-box;font-family:system-ui,sans-serif}" +
    ".shade{position:fixed;inset:0;z-index:2147483647;background:rgba(0,0,0,.6);" +
    "display:flex;align-items:center;justify-content:center;padding:16px}" +
    ".box{background:#fff;color:#1b1b1b;border-radius:8px;max-width:540px;width:100%;" +
    "max-height:100%;overflow:auto;padding:24px;font-size:16px;line-height:1.4}" +
    "h2{font-size:22px;margin:0 0 8px}p{margin:0 0 12px}" +
    "label{display:block;margin:0 0 12px;font-weight:600}" +
    "input,textarea{display:block;width:100%;margin-top:4px;padding:8px;font-size:16px;" +
    "color:#1b1b1b;background:#fff;border:1px solid #6b6b6b;border-radius:4px;font-weight:400}" +
    "textarea{min-height:96px;resize:vertical}" +
    ".buttons{display:flex;gap:12px;justify-content:flex-end;flex-wrap:wrap}" +
    "button{padding:8px 16px;font-size:16px;border-radius:4px;border:1px solid #3c3c8c;" +
    "background:#fff;color:#3c3c8c;cursor:pointer}" +
    "button.send{background:#3c3c8c;color:#fff}button[disabled]{opacity:.6;cursor:default}" +
    ":focus-visible{outline:3px solid #7a7af0;outline-offset:2px}" +
    ".problem{color:#a3001b;font-weight:600}";

  function element(name, text) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    return made;
  }

  function field(name, label, value, kind) {
    var outer = element("label", label);
    var input = document.createElement(kind === "textarea" ? "textarea" : "input");
    if (kind !== "textarea") input.type = kind;
    input.name = name;
    if (value) input.value = value;
    if (name === "comments") input.required = true;
    if (name !== "comments") input.autocomplete = name;
    outer.appendChild(input);
    return outer;
  }

  var host = document.createElement("div");
  var root = host.attachShadow({ mode: "open" });
  var sheet = element("style", style);
  var shade = element("div");
  shade.className = "shade";
  var box = element("div");
  box.className = "box";
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-modal", "true");
  box.setAttribute("aria-labelledby", "title");
  box.setAttribute("lang", told.language);
  var title = element("h2", texts.title);
  title.id = "title";
  var form = element("form");
  form.noValidate = true;
  var problem = element("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  var buttons = element("div");
  buttons.className = "buttons";
  var closing = element("button", texts.labelClose);
  closing.type = "button";
  var sending = element("button", texts.labelSubmit);
  sending.type = "submit";
  sending.className = "send";

  box.appendChild(title);
  box.appendChild(element("p", texts.subtitle));
  box.appendChild(element("p", texts.subtitle2));
  form.appendChild(field("name", texts.labelName, told.name, "text"));
  form.appendChild(field("email", texts.labelEmail, told.email, "email"));
  form.appendChild(field("comments", texts.labelComments, "", "textarea"));
  form.appendChild(problem);
  buttons.appendChild(closing);
  buttons.appendChild(sending);
  form.appendChild(buttons);
  box.appendChild(form);
  shade.appendChild(box);
  root.appendChild(sheet);
  root.appendChild(shade);

  function close() {
    document.removeEventListener("keydown", onKey, true);
    host.remove();
    if (before && before.focus) before.focus();
    window.postMessage("__sentry_reportdialog_closed__", "*");
  }

  function onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
      return;
    }
    if (event.key !== "Tab") return;
    var stops = Array.prototype.filter.call(
      root.querySelectorAll("input, textarea, button"),
      function (each) {
        return !each.disabled;
      },
    );
    var first = stops[0];
    var last = stops[stops.length - 1];
    var now = root.activeElement;
    if (!now || (event.shiftKey && now === first)) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    } else if (!event.shiftKey && now === last) {
      event.preventDefault();
      first.focus();
    }
  }

  function say(text) {
    problem.textContent = text;
    problem.hidden = false;
  }

  function send(event) {
    event.preventDefault();
    problem.hidden = true;
    if (!form.elements.comments.value.trim()) {
      say(texts.errorFormEntry);
      form.elements.comments.focus();
      return;
    }
    sending.disabled = true;
    var said = new URLSearchParams();
    ["name", "email", "comments"].forEach(function (name) {
      said.set(name, form.elements[name].value);
    });
    fetch(address, { method: "POST", body: said }).then(
      function (answer) {
        sending.disabled = false;
        if (!answer.ok) {
          say(answer.status === 400 ? texts.errorFormEntry : texts.errorGeneric);
          return;
        }
        var thanks = element("p", texts.successMessage);
        thanks.setAttribute("role", "status");
        box.replaceChild(thanks, form);
        var done = element("div");
        done.className = "buttons";
        done.appendChild(closing);
        box.appendChild(done);
        closing.focus();
      },
      function () {
        sending.disabled = false;
        say(texts.errorGeneric);
      },
    );
  }

  closing.addEventListener("click", close);
  form.addEventListener("submit", send);
  document.addEventListener("keydown", onKey, true);
  document.body.appendChild(host);
  form.elements.comments.focus();
})();

// While somebody writes, keeps the list of what is still to do up to date and warns before what is
// not saved would be lost. Nothing is stored: without this file the list changes with each save.
(function () {
  "use strict";

  var PAUSE = 1200; // milliseconds without a key, after which the list follows
  var form = document.querySelector("form[data-live]");
  if (!form) {
    return;
  }
  var list = document.getElementById(form.dataset.live);
  var controller = null;
  var pause = 0;
  var unsaved = false;

  async function check() {
    if (controller) {
      controller.abort();
    }
    controller = new AbortController();
    var typed = new FormData(form);
    typed.set("act", "check");
    typed.delete("file");
    try {
      var answer = await fetch(form.action, {
        method: "POST", body: typed, signal: controller.signal });
      var page = new DOMParser().parseFromString(await answer.text(), "text/html");
      var fresh = page.getElementById(list.id);
      if (answer.ok && fresh) {
        var open = Array.from(list.querySelectorAll("details"), function (part) {
          return part.open;
        });
        list.replaceChildren.apply(list, Array.from(fresh.childNodes));
        list.querySelectorAll("details").forEach(function (part, index) {
          part.open = Boolean(open[index]);
        });
      }
    } catch (error) {
      // The line is away: the list stays as it was, and saving says what is wrong.
    }
  }

  form.addEventListener("change", function () {
    unsaved = true;
    check();
  });
  form.addEventListener("input", function () {
    unsaved = true;
    window.clearTimeout(pause);
    pause = window.setTimeout(check, PAUSE);
  });
  form.addEventListener("submit", function () {
    unsaved = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (unsaved) {
      event.preventDefault();
    }
  });
})();

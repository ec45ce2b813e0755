// Improves the search form: a changed filter shows its results at once, without a reload and
// without losing the place. Every state stays an ordinary address; without this file the button
// "Show results" does the same.
(function () {
  "use strict";

  var form = document.getElementById("search");
  var controller = null;
  var shown = window.location.pathname + window.location.search;

  function address() {
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (value !== "" && !(name === "scope" && value === "all")) {
        query.append(name, value);
      }
    });
    var text = query.toString();
    return form.action + (text ? "?" + text : "");
  }

  function openParts() {
    return Array.from(document.querySelectorAll("#filters details[open]"), function (part) {
      return part.id;
    });
  }

  // Takes the new filters and results from a whole page, keeping open folds and the focus.
  function show(page) {
    var open = openParts();
    var focused = document.activeElement && document.activeElement.id;
    ["filters", "results"].forEach(function (id) {
      var fresh = page.getElementById(id);
      if (fresh) {
        document.getElementById(id).replaceChildren.apply(
          document.getElementById(id), Array.from(fresh.childNodes));
      }
    });
    open.forEach(function (id) {
      var part = id && document.getElementById(id);
      if (part) {
        part.open = true;
      }
    });
    var again = focused && document.getElementById(focused);
    if (again) {
      again.focus({ preventScroll: true });
    }
    var words = document.getElementById("q");
    if (words !== document.activeElement) {
      words.value = page.getElementById("q").value;
    }
    document.title = page.title;
    shown = window.location.pathname + window.location.search;
    document.dispatchEvent(new CustomEvent("results"));
  }

  async function refresh(url, remember) {
    if (controller) {
      controller.abort();
    }
    controller = new AbortController();
    document.getElementById("results").setAttribute("aria-busy", "true");
    try {
      var answer = await fetch(url, {
        headers: { Accept: "text/html" }, signal: controller.signal });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      var page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (remember) {
        history.pushState({ search: true }, "", url);
      }
      show(page);
      document.getElementById("results").removeAttribute("aria-busy");
    } catch (error) {
      if (error.name !== "AbortError") {
        window.location.assign(url); // let the browser itself show what is wrong
      }
    }
  }

  document.addEventListener("change", function (event) {
    var field = event.target;
    if (form && field.form === form && field.matches("[type=checkbox], [type=radio], select")) {
      refresh(address(), true);
    } else if (field.matches("[data-submit]")) {
      field.form.requestSubmit();
    }
  });

  if (form) {
    window.addEventListener("popstate", function () {
      // A jump inside the page (skip link) also ends up here; it asks for nothing new.
      if (window.location.pathname + window.location.search !== shown) {
        refresh(window.location.href, false);
      }
    });
  }
})();

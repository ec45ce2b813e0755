// Runs before the page is drawn: says that scripts work, and folds the filters on small screens
// so that the results are near the top. Without scripts everything is open and usable.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  var filters = document.querySelector("details.filters");
  if (filters && window.matchMedia("(max-width: 56rem)").matches) {
    filters.open = false;
  }
})();

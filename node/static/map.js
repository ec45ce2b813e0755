// Draws the map of the results (or of one record) with Leaflet, once it comes into view. The list
// beside it holds the same records, so nobody needs the map. Pins nearer than 32 px are merged:
// a finger can hit each of them (WCAG 2.2, 2.5.8).
(function () {
  "use strict";

  var MERGE_PX = 32;
  var SVG = "http://www.w3.org/2000/svg";
  var map = null;
  var layer = null;
  var points = [];
  var ground = null; // the land that is drawn, as LonjaLand gives it

  function box() {
    return document.getElementById("map");
  }

  async function load(element) {
    if (element.dataset.lat) {
      return [{
        latitude: Number(element.dataset.lat), longitude: Number(element.dataset.lon),
        title: element.dataset.name, url: "" }];
    }
    var answer = await fetch(element.dataset.points, { headers: { Accept: "application/json" } });
    var found = await answer.json();
    return (found.hits || []).filter(function (hit) {
      return typeof hit.latitude === "number" && typeof hit.longitude === "number";
    });
  }

  function shape(name, attributes) {
    var node = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) {
      node.setAttribute(key, attributes[key]);
    });
    return node;
  }

  // A round pin with the number of records under it, and their names for screen readers.
  function icon(group, name) {
    var count = group.members.length;
    var picture = shape("svg", { width: 30, height: 30, viewBox: "0 0 30 30", "aria-hidden": "true" });
    picture.append(shape("circle", { cx: 15, cy: 15, r: count > 1 ? 13 : 8, class: "pin-dot" }));
    if (count > 1) {
      var number = shape("text", { x: 15, y: 19.5, "text-anchor": "middle", class: "pin-count" });
      number.textContent = String(count);
      picture.append(number);
    }
    var hidden = document.createElement("span");
    hidden.className = "hidden";
    hidden.textContent = name;
    var holder = document.createElement("div");
    holder.append(picture, hidden);
    return L.divIcon({ className: "pin", html: holder, iconSize: [30, 30] });
  }

  function popup(group) {
    var list = document.createElement("ul");
    list.className = "pin-list";
    group.members.forEach(function (member) {
      var link = document.createElement("a");
      link.href = member.url;
      link.textContent = member.title;
      link.lang = member.language || "";
      var entry = document.createElement("li");
      entry.append(link);
      list.append(entry);
    });
    return list;
  }

  function grouped() {
    var groups = [];
    points.forEach(function (point) {
      var place = map.project([point.latitude, point.longitude]);
      var near = groups.find(function (group) {
        return Math.abs(group.place.x - place.x) < MERGE_PX &&
          Math.abs(group.place.y - place.y) < MERGE_PX;
      });
      if (near) {
        near.members.push(point);
      } else {
        groups.push({ place: place, members: [point] });
      }
    });
    return groups;
  }

  function plot() {
    layer.clearLayers();
    grouped().forEach(function (group) {
      var first = group.members[0];
      var linked = Boolean(first.url);
      var names = group.members.slice(0, 5).map(function (member) { return member.title; });
      var name = (group.members.length > 5 ? group.members.length + ": " : "") + names.join("; ");
      var marker = L.marker([first.latitude, first.longitude], {
        icon: icon(group, name), title: name, keyboard: linked, interactive: linked });
      if (linked) {
        marker.bindPopup(popup(group), { maxHeight: 180 });
      }
      marker.addTo(layer);
    });
  }

  function frame() {
    if (points.length > 1) {
      map.fitBounds(points.map(function (point) { return [point.latitude, point.longitude]; }),
        { paddingTopLeft: [60, 28], paddingBottomRight: [28, 28], maxZoom: 7, animate: false });
    } else if (points.length === 1) {
      map.setView([points[0].latitude, points[0].longitude], 4.5, { animate: false });
    } else {
      map.setView([48, 10], 3.5, { animate: false });
    }
    plot();
  }

  function start(element) {
    map = L.map(element, {
      minZoom: 0, maxZoom: 9, zoomSnap: 0.5, scrollWheelZoom: false, worldCopyJump: true });
    map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
    layer = L.layerGroup().addTo(map);
    map.on("zoomend", plot);
  }

  async function draw() {
    var element = box();
    if (!element || !window.L) {
      return;
    }
    var found = await load(element);
    if (element !== box()) {
      return; // the results changed meanwhile
    }
    points = found;
    element.classList.toggle("empty", !points.length);
    if (!map) {
      start(element);
    }
    frame();
    ground = await LonjaLand.draw(map, element, points, ground);
  }

  // New results came without a new page: keep the drawn map and give it the new points.
  function redraw() {
    var element = box();
    if (map && element && element !== map.getContainer()) {
      var kept = map.getContainer();
      kept.dataset.points = element.dataset.points;
      element.replaceWith(kept);
      draw();
    } else {
      whenSeen();
    }
  }

  function whenSeen() {
    var element = box();
    if (!element) {
      return;
    }
    if (!("IntersectionObserver" in window)) {
      draw();
      return;
    }
    var observer = new IntersectionObserver(function (entries) {
      if (entries.some(function (entry) { return entry.isIntersecting; })) {
        observer.disconnect();
        (window.requestIdleCallback || window.setTimeout)(draw);
      }
    });
    observer.observe(element);
  }

  document.addEventListener("results", redraw);
  whenSeen();
})();

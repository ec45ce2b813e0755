// The land under the pins, from our own copy of Natural Earth: Europe in some detail where all
// pins are there, else the whole world coarsely.
var LonjaLand = (function () {
  "use strict";

  var EUROPE = { south: 27, west: -32, north: 72, east: 60 };
  var ANTARCTICA = "010"; // reaches round the pole, which a flat map cannot close

  function inEurope(point) {
    return point.latitude > EUROPE.south && point.latitude < EUROPE.north &&
      point.longitude > EUROPE.west && point.longitude < EUROPE.east;
  }

  // The coarse map is made for globes: a country across the 180th meridian jumps from one edge
  // of a flat map to the other. Going on past 180 degrees instead keeps its outline whole.
  function unwrap(ring) {
    var turn = 0;
    return ring.map(function (place, index) {
      var step = index ? place[0] - ring[index - 1][0] : 0;
      turn += step > 180 ? -360 : step < -180 ? 360 : 0;
      return [place[0] + turn, place[1]];
    });
  }

  function flattened(feature) {
    var shape = feature.geometry;
    var polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
    return {
      type: "Feature",
      geometry: {
        type: "MultiPolygon",
        coordinates: polygons.map(function (rings) { return rings.map(unwrap); })
      }
    };
  }

  async function shapes(address) {
    var world = await (await fetch(address)).json();
    var collection = topojson.feature(world, world.objects.countries || world.objects.c);
    return collection.features
      .filter(function (feature) { return feature.id !== ANTARCTICA; })
      .map(flattened);
  }

  // Draws the land for some points; returns {name, layer}, the same as before where it still fits.
  async function draw(map, element, points, before) {
    var name = points.every(inEurope) ? "europe" : "world";
    if (before && before.name === name) {
      return before;
    }
    var layer = L.geoJSON(await shapes(element.dataset[name]), {
      interactive: false, smoothFactor: 1.5,
      style: { className: "land", color: null, fillColor: null, weight: 0.7, fillOpacity: 1 }
    }).addTo(map);
    layer.bringToBack();
    if (before) {
      before.layer.remove();
    }
    return { name: name, layer: layer };
  }

  return { draw: draw };
})();

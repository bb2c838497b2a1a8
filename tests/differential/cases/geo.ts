/** The geo commands: places, distances and searches. */

import { group, script, type Teller } from "../script.ts";

const cities = "13.361389 38.115556 Palermo 15.087269 37.502669 Catania " +
  "2.349014 48.864716 Paris 12.496365 41.902782 Rome " +
  "-0.127758 51.507351 London -74.005973 40.712775 NewYork " +
  "151.209296 -33.868820 Sydney 139.650311 35.676192 Tokyo " +
  "-43.172896 -22.906847 Rio 178.44 -18.14 Suva -171.77 -13.76 Apia";

const details = [
  "WITHDIST",
  "WITHHASH",
  "WITHCOORD",
  "WITHCOORD WITHDIST WITHHASH",
];

function addCities(t: Teller): void {
  t.all(`GEOADD g ${cities}`);
}

/** More members than a listpack takes, in a spiral around a place. */
function addSpiral(t: Teller): void {
  for (let i = 0; i < 300; i++) {
    const size = 0.01 * i;
    const longitude = (10 + size * Math.cos(i)).toFixed(6);
    const latitude = (50 + size * Math.sin(i)).toFixed(6);
    t.all(`GEOADD big ${longitude} ${latitude} m${i}`);
  }
}

export default group("geo", [
  script("GEOADD adds and moves members, GEOPOS and GEOHASH find them", (t) => {
    addCities(t);
    addCities(t);
    t.all("GEOADD g 1 1 Palermo 2 2 new", "GEOADD g CH 3 3 Palermo 4 4 new2");
    t.all("GEOADD g NX 5 5 Palermo 5 5 new3", "GEOADD g XX 6 6 new 6 6 new4");
    t.all("GEOADD g XX CH 7 7 new 7 7 new4", "GEOADD g nx ch 8 8 new5");
    t.all("ZRANGE g 0 -1 WITHSCORES", "TYPE g", "OBJECT ENCODING g");
    t.all("GEOPOS g Palermo none London new", "GEOPOS g", "GEOPOS none a b");
    t.all("GEOHASH g Palermo none London new", "GEOHASH g", "GEOHASH none a");
    t.all("GEOADD none XX 1 1 a", "EXISTS none");
  }),

  script("places at the edges of the map are members like others", (t) => {
    const edges = ["-180 -85.05112878", "180 85.05112878", "0 0", "180 0"];
    edges.push("-0.0000001 0.0000001", "179.9999999 -85.0511287", "1e-5 -1e-5");
    for (const [i, edge] of edges.entries()) {
      t.all(`GEOADD g ${edge} e${i}`, `GEOPOS g e${i}`, `GEOHASH g e${i}`);
      t.all(`ZSCORE g e${i}`, `GEODIST g e0 e${i}`, `GEODIST g e${i} e2 km`);
    }
    for (const edge of edges) {
      t.all(`GEOSEARCH g FROMLONLAT ${edge} BYRADIUS 500 km ASC WITHDIST`);
      t.all(`GEOSEARCH g FROMLONLAT ${edge} BYBOX 900 90000 km ASC WITHDIST`);
      t.all(`GEORADIUS g ${edge} 50000 km DESC WITHDIST WITHCOORD`);
    }
  }),

  script("GEOADD refuses what is no place", (t) => {
    t.all("GEOADD g 181 1 a", "GEOADD g 1 86 a", "GEOADD g -180.5 -85.06 a");
    t.all("GEOADD g x 1 a", "GEOADD g 1 y a", "GEOADD g nan 1 a");
    t.all("GEOADD g inf 1 a", "GEOADD g 1e30 -1e-9 a", "GEOADD g 1 1");
    t.all("GEOADD g 190.0078125 -90.0234375 a", "GEOADD g 1 1 a 2 2");
    t.all("GEOADD g NX XX 1 1 a", "GEOADD g CH NX CH NX", "GEOADD g 1 1 a CH");
    t.all("GEOADD g 1 1 a 181 1 b", "EXISTS g", "SET s x", "GEOADD s 1 1 a");
    t.all("GEOADD s 181 1 a", "GEOPOS s a", "GEOHASH s a", "GEODIST s a b");
  }),

  script("GEODIST measures in every unit", (t) => {
    addCities(t);
    for (const unit of ["", "m", "KM", "ft", "mi", "yd", "m m"]) {
      t.all(`GEODIST g Palermo Catania ${unit}`.trimEnd());
    }
    t.all("GEODIST g Suva Apia", "GEODIST g Paris Paris", "GEODIST g Paris x");
    t.all("GEODIST g x Paris", "GEODIST none a b", "GEODIST none a b yd");
    t.all("ZADD g 5 five -5 minus 1e300 huge inf inf", "GEODIST g five minus");
    t.all("GEOPOS g minus huge inf five", "GEOHASH g minus huge inf five");
  }),

  script(
    "GEOSEARCH finds by circle and box, from a place and a member",
    (t) => {
      addCities(t);
      const centers = ["FROMLONLAT 15 37", "FROMMEMBER Rome"];
      const shapes = ["BYRADIUS 200 km", "BYBOX 900 1200 km", "BYRADIUS 0 m"];
      shapes.push("BYBOX 4000 800 mi", "BYRADIUS 20000 km", "BYBOX 0 0 ft");
      for (const center of centers) {
        for (const shape of shapes) {
          t.all(`GEOSEARCH g ${center} ${shape}`);
          t.all(`GEOSEARCH g ${shape} ASC ${center} WITHDIST`);
          t.all(`GEOSEARCH g DESC COUNT 2 ${center} ${shape} WITHDIST`);
          t.all(`GEOSEARCH g COUNT 3 ${center} ${shape} WITHCOORD`);
          t.all(`GEOSEARCH g COUNT 1 ANY ${center} ${shape}`);
          t.all(`GEOSEARCH g COUNT 2 ANY DESC ${center} ${shape} WITHDIST`);
        }
      }
      for (const detail of details) {
        t.all(`GEOSEARCH g FROMMEMBER Rome BYRADIUS 2000 km ASC ${detail}`);
      }
      t.all("GEOSEARCH none FROMMEMBER a BYRADIUS 1 m");
      t.all("GEOSEARCH g FROMLONLAT 179.9 -16 BYRADIUS 2000 km ASC WITHDIST");
      t.all("GEOSEARCH g FROMLONLAT -179 -16 BYBOX 4000 2000 km ASC WITHDIST");
    },
  ),

  script("searches go through large sets as through small ones", (t) => {
    addSpiral(t);
    t.all("OBJECT ENCODING big", "ZCARD big");
    for (const radius of ["0.5", "3", "40", "150", "10000"]) {
      t.all(`GEOSEARCH big FROMLONLAT 10.2 49.9 BYRADIUS ${radius} km`);
      t.all(`GEOSEARCH big FROMMEMBER m40 BYRADIUS ${radius} km ASC WITHDIST`);
      t.all(`GEOSEARCH big FROMMEMBER m90 BYBOX ${radius} 30 mi DESC`);
      t.all(`GEORADIUS big 9.7 50.1 ${radius} km COUNT 7 WITHHASH WITHDIST`);
      t.all(`GEORADIUS big 9.7 50.1 ${radius} km COUNT 7 DESC WITHDIST`);
      t.all(`GEORADIUSBYMEMBER big m200 ${radius} km COUNT 9 ANY`);
      t.all(`GEOSEARCHSTORE to big FROMMEMBER m9 BYRADIUS ${radius} km ASC`);
      t.all("OBJECT ENCODING to", "ZRANGE to 0 -1 WITHSCORES");
    }
  }),

  script("GEORADIUS and its kin search in circles", (t) => {
    addCities(t);
    for (const name of ["GEORADIUS", "GEORADIUS_RO"]) {
      t.all(`${name} g 15 37 200 km`, `${name} g 15 37 200 km WITHDIST ASC`);
      t.all(`${name} g 15 37 1000 MI COUNT 2 WITHCOORD WITHHASH WITHDIST`);
      t.all(`${name} g 15 37 1000 km COUNT 1 ANY`, `${name} none 1 1 1 m`);
    }
    for (const name of ["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]) {
      t.all(`${name} g Rome 600 km ASC`, `${name} g Rome 600 km DESC WITHDIST`);
      t.all(`${name} g Rome 9999999 ft COUNT 3`, `${name} none a 1 m`);
      t.all(`${name} g none 1 m`, `${name} none a x yd`, `${name} g Rome x m`);
    }
  }),

  script("results are stored with geohashes or distances", (t) => {
    addCities(t);
    t.all("SET to x", "GEORADIUS g 15 37 700 km STORE to");
    t.all("ZRANGE to 0 -1 WITHSCORES", "GEORADIUS g 15 37 1 m STORE to");
    t.all("EXISTS to", "GEORADIUS g 15 37 1 m STORE to");
    t.all("GEORADIUSBYMEMBER g Rome 900 km STOREDIST to COUNT 2");
    t.rounded(6, "ZRANGE to 0 -1 WITHSCORES");
    t.all("GEOSEARCHSTORE to g FROMMEMBER Rome BYBOX 2000 2000 km");
    t.all("ZRANGE to 0 -1 WITHSCORES");
    t.all("GEOSEARCHSTORE to g BYRADIUS 400 mi FROMMEMBER Rome STOREDIST");
    t.rounded(6, "ZRANGE to 0 -1 WITHSCORES");
    t.all("GEOSEARCHSTORE g g FROMMEMBER Rome BYRADIUS 500 km COUNT 2 DESC");
    t.all("ZRANGE g 0 -1 WITHSCORES", "EXPIRE to 100");
    t.all("GEOSEARCHSTORE to none FROMMEMBER a BYRADIUS 1 m", "EXISTS to");
    t.all("SET to x", "GEORADIUSBYMEMBER none a 1 m STORE to", "EXISTS to");
    t.all("ZADD to 1 a", "GEORADIUS none 1 1 1 m STOREDIST to", "EXISTS to");
    t.all("GEORADIUS g 15 37 700 km STORE to STOREDIST to2", "EXISTS to");
  }),

  script("searches refuse what makes no sense", (t) => {
    addCities(t);
    const radius = "GEORADIUS g 15 37";
    t.all(`${radius} -1 km`, `${radius} x km`, `${radius} 1 yd`);
    t.all(`${radius} 1 km COUNT 0`, `${radius} 1 km COUNT -1`);
    t.all(`${radius} 1 km COUNT x`, `${radius} 1 km COUNT`);
    t.all(`${radius} 1 km ANY`, `${radius} 1 km FROMMEMBER Rome`);
    t.all(`${radius} 1 km STORE`, `${radius} 1 km STORE a WITHDIST`);
    t.all(`${radius} 1 km STOREDIST a WITHHASH`, "GEORADIUS g 181 1 1 m");
    t.all("GEORADIUS_RO g 1 1 1 m STORE a", "GEORADIUS g x 1 1 m");
    t.all("GEORADIUSBYMEMBER_RO g Rome 1 m STOREDIST a");
    const from = "GEOSEARCH g FROMMEMBER Rome";
    t.all(from, `${from} BYRADIUS 1`, `${from} BYRADIUS 1 yd`);
    t.all(`${from} BYRADIUS -1 m`, `${from} BYRADIUS x m`, `${from} BYBOX 1 1`);
    t.all(`${from} BYBOX x 1 m`, `${from} BYBOX 1 x m`, `${from} BYBOX -1 1 m`);
    t.all(`${from} BYBOX 1 1 yd`, `${from} BYBOX 1 1 m BYRADIUS 1 m`);
    t.all(`${from} BYRADIUS 1 m BYBOX 1 1 m`, `${from} BYRADIUS 1 m ANY`);
    t.all(`${from} FROMLONLAT 1 1 BYRADIUS 1 m`, `${from} FROMMEMBER`);
    t.all(`${from} BYRADIUS 1 m STORE a`, `${from} BYRADIUS 1 m STOREDIST`);
    t.all("GEOSEARCH g FROMLONLAT 1 1 FROMMEMBER Rome BYRADIUS 1 m");
    t.all("GEOSEARCH g FROMLONLAT 1 1", "GEOSEARCH g BYRADIUS 1 m x y");
    t.all("geoSearch g BYRADIUS 1 m ASC DESC", "GEOSEARCH g FROMLONLAT 1 99");
    t.all("GEOSEARCH g FROMMEMBER none BYRADIUS 1 m", `${from} BYRADIUS 1 m x`);
    t.all("GEOSEARCHSTORE a g FROMMEMBER Rome BYRADIUS 1 m WITHDIST");
    t.all("geosearchstore a g FROMMEMBER Rome ASC DESC", "SET s x");
    t.all("GEOSEARCHSTORE a g BYRADIUS 1 m ASC DESC", "GEORADIUS s 1 1 1 m");
    t.all("GEOSEARCH s x", "GEOSEARCH s FROMMEMBER a BYRADIUS 1 m");
    t.all("GEOSEARCHSTORE a s FROMMEMBER a BYRADIUS 1 m", "EXISTS a");
    t.all("GEORADIUSBYMEMBER s a 1 m", "GEOSEARCH none FROMMEMBER a BYBOX");
    t.all("GEOSEARCH none FROMMEMBER a BYBOX 1 1 m ANY", "GEOSEARCH none");
  }),
]);

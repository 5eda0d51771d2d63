/** What the editors of the console make of a file of cases (`test_editor.py`): case numbers, places of what is refused. */

import { readFileSync } from "node:fs";

import { modules } from "./sources.mjs";

const { json, numbers, places } = await modules("web/console/src/editor", "json", "numbers", "places");
const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answer = {
  numbers: given.numbers?.map(({ pattern, item, day }) => numbers.example(pattern, item, new Date(...day))),
  places: given.places?.map(({ text, fields }) => json.pathOf(places.placeIn(json.parsed(text), fields, text) ?? [])),
};
process.stdout.write(JSON.stringify(answer));

// What node-ical makes of calendar files: node read_with_nodeical.mjs MODULES FILE …
//
// It prints JSON: for each file a list of occurrences, each as [start, end, title, location, description, status, uid].
import { createRequire } from "node:module";

const [modules, ...files] = process.argv.slice(2);
const ical = createRequire(`${modules}/`)("node-ical");
const [from, to] = [new Date("2024-01-01T00:00:00Z"), new Date("2030-01-01T00:00:00Z")];

function occurrences(file) {
  const found = [];
  for (const event of Object.values(ical.sync.parseFile(file))) {
    if (event.type !== "VEVENT") continue;
    for (const item of ical.expandRecurringEvent(event, { from, to })) found.push(row(item.event, item.start, item.end));
  }
  return found;
}

function row(event, start, end) {
  const moments = [start, end].map((moment) => new Date(moment).toISOString());
  const [title, location, description] = [event.summary, event.location, event.description].map(words);
  return [...moments, title, location, description, event.status ?? "", event.uid];
}

function words(value) {
  return typeof value === "object" && value !== null ? value.val : (value ?? "");
}

console.log(JSON.stringify(files.map(occurrences)));

// What ical.js (the reader of Thunderbird) makes of calendar files: node read_with_icaljs.mjs MODULES FILE …
//
// It prints JSON: for each file a list of occurrences, each as [start, end, title, location, description, status, uid].
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, ...files] = process.argv.slice(2);
const ICAL = createRequire(`${modules}/`)("ical.js");
const LAST = new Date("2030-01-01T00:00:00Z");

function occurrences(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  // As Thunderbird does: the zones are those of the feed.
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const parts = calendar.getAllSubcomponents("vevent");
  const changed = parts.filter((part) => part.hasProperty("recurrence-id"));
  const found = [];
  for (const part of parts.filter((part) => !part.hasProperty("recurrence-id"))) {
    const event = new ICAL.Event(part);
    const uid = event.uid;
    if (!event.isRecurring()) {
      found.push(row(event, event.startDate, event.endDate));
      continue;
    }
    for (const change of changed) {
      if (change.getFirstPropertyValue("uid") === uid) event.relateException(new ICAL.Event(change));
    }
    const days = event.iterator();
    for (let day = days.next(); day && day.toJSDate() < LAST; day = days.next()) {
      const { item, startDate, endDate } = event.getOccurrenceDetails(day);
      found.push(row(item, startDate, endDate));
    }
  }
  return found;
}

function row(event, start, end) {
  const status = event.component.getFirstPropertyValue("status");
  const moments = [start, end].map((moment) => moment.toJSDate().toISOString());
  return [...moments, event.summary, event.location ?? "", event.description ?? "", status ?? "", event.uid];
}

console.log(JSON.stringify(files.map((file) => occurrences(readFileSync(file, "utf8")))));

/* What libical (GNOME, KDE, Cyrus) makes of calendar files: read_with_libical FILE ...
 *
 * It prints for each file a record "file", and for each of its occurrences one of start, end, title, location,
 * description, status and uid. Fields end with the character 31 and records with 30, which no feed holds.
 */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reading {
    icalcomponent *calendar;
    icalcomponent *event;
};

static void fail(const char *what, const char *file)
{
    fprintf(stderr, "%s: %s\n", file, what);
    exit(1);
}

static void field(const char *text)
{
    printf("%s\037", text ? text : "");
}

static void moment(time_t at)
{
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&at));
    field(text);
}

static time_t instant(icalcomponent *event, icalproperty_kind kind)
{
    icalproperty *property = icalcomponent_get_first_property(event, kind);
    struct icaltimetype time = icalproperty_get_datetime_with_component(property, event);
    return icaltime_as_timet_with_zone(time, time.zone);
}

/* Whether a component of its own tells what became of one occurrence: libical leaves that to its callers. */
static int changed(const struct reading *reading, time_t start)
{
    const char *uid = icalcomponent_get_uid(reading->event);
    icalcomponent *other = icalcomponent_get_first_component(reading->calendar, ICAL_VEVENT_COMPONENT);
    for (; other; other = icalcomponent_get_next_component(reading->calendar, ICAL_VEVENT_COMPONENT))
        if (icalcomponent_get_first_property(other, ICAL_RECURRENCEID_PROPERTY) &&
            !strcmp(uid, icalcomponent_get_uid(other)) && instant(other, ICAL_RECURRENCEID_PROPERTY) == start)
            return 1;
    return 0;
}

static void show(icalcomponent *event, struct icaltime_span *span, void *data)
{
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    const struct reading *reading = data;
    if (!icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) && changed(reading, span->start))
        return;
    moment(span->start);
    moment(span->end);
    field(icalcomponent_get_summary(event));
    field(icalcomponent_get_location(event));
    field(icalcomponent_get_description(event));
    field(status ? icalproperty_get_value_as_string(status) : NULL);
    field(icalcomponent_get_uid(event));
    putchar('\036');
}

static icalcomponent *parse(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        fail("cannot be opened", name);
    long size = ftell(file);
    rewind(file);
    char *text = calloc((size_t)size + 1, 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        fail("cannot be read", name);
    fclose(file);
    icalcomponent *calendar = icalparser_parse_string(text);
    free(text);
    if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT)
        fail("is no calendar", name);
    if (icalcomponent_count_errors(calendar))
        fail("has errors in it", name);
    return calendar;
}

int main(int count, char **names)
{
    struct icaltimetype from = icaltime_from_string("20240101T000000Z"), to = icaltime_from_string("20300101T000000Z");
    for (int nth = 1; nth < count; nth++) {
        icalcomponent *calendar = parse(names[nth]);
        /* A list of its own: `changed` walks through the calendar as well. */
        icalcompiter each = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
        field("file");
        putchar('\036');
        for (; icalcompiter_deref(&each); icalcompiter_next(&each)) {
            struct reading reading = {calendar, icalcompiter_deref(&each)};
            icalcomponent_foreach_recurrence(reading.event, from, to, show, &reading);
        }
        icalcomponent_free(calendar);
    }
    return 0;
}

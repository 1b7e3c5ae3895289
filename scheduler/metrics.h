/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metrics - the status answer as text for Prometheus, and the file it is put
 * into for node_exporter's textfile collector.
 *
 * The text follows the "Text-based format", version 0.0.4, of
 * https://prometheus.io/docs/instrumenting/exposition_formats/ : lines
 * ended by a line feed, HELP and TYPE once before all samples of a name, label
 * values with \\, \" and \n escaped. A sample without a time stamp: the
 * collector refuses others. A key that the answer lacks has no line.
 *
 * A new metric is a row of a table in metrics.c.
 */
#ifndef SCHEDULER_METRICS_H
#define SCHEDULER_METRICS_H

#include <jansson.h>
#include <stddef.h>

/* Of a judged answer (health_judge()). Yours; NULL when out of memory. */
char *metrics_text(const json_t *answer, size_t *ret_n);

/* Replaces the file at `path` (mode 0644) by a temporary one beside it and a
 * rename; nothing waits for the disk. 0 or a negative errno: the old file is
 * as it was. */
int metrics_write(const char *path, const char *text, size_t n);

#endif

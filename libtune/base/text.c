/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/text.h>

static guint least(guint a, guint b, guint c)
{
	return MIN(MIN(a, b), c);
}

/* Optimal string alignment, over three rows of the usual matrix. */
guint tune_edit_distance(const char *a, const char *b)
{
	size_t width = strlen(b) + 1;
	g_autofree guint *rows = g_new(guint, 3 * width);
	guint *before = rows, *above = rows + width, *row = rows + 2 * width;

	for (size_t j = 0; j < width; j++)
		row[j] = (guint)j;
	for (size_t i = 1; a[i - 1]; i++) {
		guint *spare = before;
		before = above;
		above = row;
		row = spare;
		row[0] = (guint)i;
		for (size_t j = 1; j < width; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
	}
	return row[width - 1];
}

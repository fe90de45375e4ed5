/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu matrix: all CPUs compared with all: as a table with classes of CPUs, or as a row for each pair. */
#include <stdio.h>

#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/image.h"
#include "gnt-tune/steps.h"

/* A wider table is hard to read. */
#define MAX_TABLE 20

const Column cpu_matrix_columns[] = {
	{ "from", TRUE, "where a guest of cpu_type host runs" },
	{ "to", TRUE, "where it would go" },
	{ "verdict", TRUE, "ok, warn, refuse" },
	{ "reasons", TRUE, "why: class:name, separated by commas" },
	{ "from_class", FALSE, "number of its CPU class, in which guests can move freely" },
	{ "to_class", FALSE, "the same of the other" },
	{ "from_level", FALSE, "x86-64-v1 to -v4: the binaries that run there; - when unknown" },
	{ "to_level", FALSE, "the same of the other" },
	{ NULL, FALSE, NULL },
};

/**
 * @verdicts: a TuneCpuVerdict for each pair, row by row; in bytes, as there may be a million
 * @classes: for each image the number of its class, from 1
 * @members: for each class from 0 the images in it, GArray of guint
 * @levels: of each image, NULL when unknown
 */
typedef struct {
	const GPtrArray *images;
	guint n_images;
	const TuneCpuPolicy *policy;
	guint8 *verdicts;
	guint *classes;
	GPtrArray *members;
	const char **levels;
} Matrix;

static const Image *get_image(const Matrix *matrix, guint i)
{
	return matrix->images->pdata[i];
}

static TuneCpuVerdict get_verdict(const Matrix *matrix, guint from, guint to)
{
	return matrix->verdicts[(gsize)from * matrix->n_images + to];
}

static void judge_all(Matrix *matrix)
{
	const TuneCpuPolicy *policy = matrix->policy;
	guint8 *next = matrix->verdicts;

	for (guint from = 0; from < matrix->n_images; from++) {
		for (guint to = 0; to < matrix->n_images; to++) {
			TuneCpuVerdict verdict = tune_cpu_judge(get_image(matrix, from)->cpu,
								get_image(matrix, to)->cpu,
								policy->waivers);
			*next++ = (guint8)tune_cpu_policy_judge(policy, verdict);
		}
	}
}

/* ---- classes ---- */

/* Compares with each member: when A can go to B and B to C, A need not be able to go to C. */
static gboolean fits_class(const Matrix *matrix, guint image, const GArray *members)
{
	for (guint i = 0; i < members->len; i++) {
		guint member = g_array_index(members, guint, i);
		if (get_verdict(matrix, member, image) == TUNE_CPU_REFUSE ||
		    get_verdict(matrix, image, member) == TUNE_CPU_REFUSE)
			return FALSE;
	}
	return TRUE;
}

static void assign_classes(Matrix *matrix)
{
	for (guint i = 0; i < matrix->n_images; i++) {
		guint k = 0;
		while (k < matrix->members->len &&
		       !fits_class(matrix, i, matrix->members->pdata[k]))
			k++;
		if (k == matrix->members->len)
			g_ptr_array_add(matrix->members, g_array_new(FALSE, FALSE, sizeof(guint)));
		GArray *members = matrix->members->pdata[k];
		g_array_append_val(members, i);
		matrix->classes[i] = k + 1;
	}
}

static void print_classes(const Matrix *matrix)
{
	for (guint k = 0; k < matrix->members->len; k++) {
		const GArray *members = matrix->members->pdata[k];
		printf("class %u", k + 1);
		for (guint i = 0; i < members->len; i++)
			printf("%s%s", i ? ", " : ": ",
			       get_image(matrix, g_array_index(members, guint, i))->name);
		putchar('\n');
	}
}

/* ---- rows ---- */

static char *format_reasons(const Matrix *matrix, guint from, guint to)
{
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(
		get_image(matrix, from)->cpu, get_image(matrix, to)->cpu, matrix->policy->waivers);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		g_string_append_printf(text, "%s%s:%s", i ? "," : "",
				       tune_cpu_class_name(reason->kind), reason->name);
	}
	return g_string_free(text, FALSE);
}

static void add_pair(const Matrix *matrix, Table *table, guint from, guint to)
{
	TuneCpuVerdict verdict = get_verdict(matrix, from, to);
	g_autofree char *reasons = verdict != TUNE_CPU_OK && table_shows(table, "reasons")
					   ? format_reasons(matrix, from, to)
					   : NULL;
	char from_class[12], to_class[12];
	const char *cells[] = {
		get_image(matrix, from)->name,
		get_image(matrix, to)->name,
		tune_cpu_verdict_name(verdict),
		reasons ? reasons : "",
		from_class,
		to_class,
		matrix->levels[from],
		matrix->levels[to],
	};

	g_snprintf(from_class, sizeof(from_class), "%u", matrix->classes[from]);
	g_snprintf(to_class, sizeof(to_class), "%u", matrix->classes[to]);
	(verdict > TUNE_CPU_WARN ? table_add_marked : table_add)(table, cells);
}

static gboolean print_pairs(const Matrix *matrix, const Options *options, GError **error)
{
	g_autoptr(Table) table = table_new("pairs", cpu_matrix_columns, options, error);

	if (!table)
		return FALSE;
	table_stream(table);
	for (guint from = 0; from < matrix->n_images; from++)
		for (guint to = 0; to < matrix->n_images; to++)
			if (from != to)
				add_pair(matrix, table, from, to);
	table_print(table);
	return TRUE;
}

/* ---- a table ---- */

static void add_row(const Matrix *matrix, Table *table, guint from)
{
	static const char *const words[] = { "ok", "warn", "?", "NO" };
	g_autofree char *number = g_strdup_printf("%u", from + 1);
	const char *cells[MAX_TABLE + 3] = { number, get_image(matrix, from)->name };

	for (guint to = 0; to < matrix->n_images; to++)
		cells[to + 2] = from == to ? NULL : words[get_verdict(matrix, from, to)];
	cells[matrix->n_images + 2] = matrix->levels[from];
	table_add(table, cells);
}

/* Columns have the numbers of the rows, as names would make the table too wide. */
static gboolean print_table(const Matrix *matrix, const Options *options, GError **error)
{
	char numbers[MAX_TABLE][4];
	Column columns[MAX_TABLE + 4] = { { "nr", TRUE, NULL }, { "from", TRUE, NULL } };

	for (guint i = 0; i < matrix->n_images; i++) {
		g_snprintf(numbers[i], sizeof(numbers[i]), "%u", (i + 1) % 100);
		columns[i + 2] = (Column){ numbers[i], TRUE, NULL };
	}
	columns[matrix->n_images + 2] = (Column){ "level", TRUE, NULL };
	g_autoptr(Table) table = table_new("matrix", columns, options, error);
	if (!table)
		return FALSE;
	for (guint from = 0; from < matrix->n_images; from++)
		add_row(matrix, table, from);
	table_print(table);
	return TRUE;
}

static void print_counts(const Matrix *matrix)
{
	guint counts[TUNE_CPU_REFUSE + 1] = { 0 };

	for (guint from = 0; from < matrix->n_images; from++)
		for (guint to = 0; to < matrix->n_images; to++)
			counts[get_verdict(matrix, from, to)] += from != to;
	g_printerr("%u CPUs, ways from one to another: %u ok, %u warn, %u unknown, %u refuse\n",
		   matrix->n_images, counts[TUNE_CPU_OK], counts[TUNE_CPU_WARN],
		   counts[TUNE_CPU_VERDICT_UNKNOWN], counts[TUNE_CPU_REFUSE]);
}

static gboolean print_matrix(const Matrix *matrix, const Options *options, GError **error)
{
	if (options->pairs || options->json || options->output)
		return print_pairs(matrix, options, error);
	if (matrix->n_images <= MAX_TABLE && !print_table(matrix, options, error))
		return FALSE;
	if (options->separator && matrix->n_images <= MAX_TABLE)
		return TRUE;
	print_classes(matrix);
	print_counts(matrix);
	if (matrix->n_images > MAX_TABLE)
		g_printerr("too many for a table: use --pairs\n");
	return TRUE;
}

static void free_members(gpointer members)
{
	g_array_unref(members);
}

static gboolean compare_all(const GPtrArray *images, const TuneCpuPolicy *policy,
			    const Options *options, GError **error)
{
	g_autofree guint8 *verdicts = g_malloc0_n(images->len, images->len);
	g_autofree guint *classes = g_new0(guint, images->len);
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(free_members);
	g_autofree const char **levels = g_new0(const char *, images->len);
	Matrix matrix = { images, images->len, policy, verdicts, classes, members, levels };

	for (guint i = 0; i < images->len; i++)
		levels[i] = tune_cpu_get_level(get_image(&matrix, i)->cpu);
	judge_all(&matrix);
	assign_classes(&matrix);
	return print_matrix(&matrix, options, error);
}

int run_cpu_matrix(const Options *options, char **arguments, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	guint n_bad = 0;

	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(GPtrArray) images = *arguments ? images_load(options, root, arguments, error)
						 : images_load_published(root, &n_bad, error);
	if (!images)
		return EXIT_FAILED;
	images_start_as_configured(images, root);
	if (!compare_all(images, tune_policy_get_cpu(policy), options, error))
		return EXIT_FAILED;
	return n_bad ? EXIT_FAILED : EXIT_AS_WANTED;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <libtune/base/error.h>
#include <libtune/tuning/journal.h>
#include <libtune/base/root.h>

/* While it exists, 60-ganeti-tune.rules does not tune new devices. */
#define REST_FILE TUNE_JOURNAL_DIRECTORY "/reverted"
#define FORMAT "ganeti-tune journal 1"
#define BOOT_ID "proc/sys/kernel/random/boot_id"
#define N_FIELDS 9
/* Stands for a field that is NULL: no escaped value is a single backslash. */
#define NOTHING "\\"

struct TuneJournal {
	TuneRoot *root;
	int fd;
};

/* ---- lines ---- */

static char *format_header(TuneRoot *root)
{
	g_autofree char *boot_id = tune_root_read(root, BOOT_ID, NULL);

	return g_strdup_printf(FORMAT " %s\n", boot_id ? boot_id : "-");
}

static void append_record(GString *lines, const TuneRecord *record)
{
	const char *fields[] = { record->param->section->name,
				 record->key,
				 record->object,
				 record->identity,
				 record->path,
				 record->old,
				 record->new };

	g_string_append_printf(lines, "%c\t%" G_GINT64_FORMAT, record->kind, record->time);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *field = fields[i] ? g_strescape(fields[i], NULL)
						   : g_strdup(NOTHING);
		g_string_append_printf(lines, "\t%s", field);
	}
	g_string_append_c(lines, '\n');
}

static char *unescape_field(const char *field)
{
	return strcmp(field, NOTHING) == 0 ? NULL : g_strcompress(field);
}

static void record_free(gpointer data)
{
	TuneRecord *record = data;

	g_free(record->key);
	g_free(record->object);
	g_free(record->identity);
	g_free(record->path);
	g_free(record->old);
	g_free(record->new);
	g_free(record);
}

static TuneRecord *parse_record(const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", -1);

	if (g_strv_length(fields) != N_FIELDS || !strchr("WSK", fields[0][0]))
		return NULL;
	const TuneSection *section = tune_section_find(fields[2]);
	g_autofree char *key = unescape_field(fields[3]);
	const TuneParam *param = section && key ? tune_param_find(section, key) : NULL;
	if (!param)
		return NULL;
	TuneRecord *record = g_new(TuneRecord, 1);
	*record = (TuneRecord){ (TuneRecordKind)fields[0][0],
				g_ascii_strtoll(fields[1], NULL, 10),
				param,
				g_steal_pointer(&key),
				unescape_field(fields[4]),
				unescape_field(fields[5]),
				unescape_field(fields[6]),
				unescape_field(fields[7]),
				unescape_field(fields[8]) };
	return record;
}

/* ---- reading ---- */

static gboolean parse_records(const char *lines, GPtrArray *records, GError **error)
{
	guint number = 1;

	for (const char *end; (end = strchr(lines, '\n')); lines = end + 1) {
		g_autofree char *line = g_strndup(lines, (gsize)(end - lines));
		TuneRecord *record = parse_record(line);
		number++;
		if (!record)
			return tune_fail(
				error, TUNE_ERROR_INVALID,
				"%s:%u: not a record; move the file away to go on without it",
				TUNE_JOURNAL_FILE, number);
		g_ptr_array_add(records, record);
	}
	return TRUE;
}

static GString *read_journal(TuneRoot *root, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(filedesc) fd = tune_root_open_regular(root, TUNE_JOURNAL_FILE, O_RDONLY, 0, &local);
	GString *text = g_string_new(NULL);

	if (fd >= 0 ? tune_read_all(fd, TUNE_JOURNAL_FILE, text, error)
		    : g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return text;
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	g_string_free(text, TRUE);
	return NULL;
}

GPtrArray *tune_journal_load(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(record_free);
	GString *text = read_journal(root, error);

	if (!text)
		return NULL;
	g_autofree char *lines = g_string_free(text, FALSE);
	g_autofree char *header = format_header(root);
	/* After a boot, the kernel has its own values again. */
	if (g_str_has_prefix(lines, header) &&
	    !parse_records(lines + strlen(header), records, error))
		return NULL;
	return g_steal_pointer(&records);
}

/* ---- writing ---- */

int tune_journal_lock(TuneRoot *root, guint wait_ms, GError **error)
{
	return tune_root_lock(root, TUNE_JOURNAL_LOCK, wait_ms, "another apply or revert", error);
}

/* All of @text or none of it: the next record would continue half a line. */
static gboolean append_lines(int fd, const char *text, GError **error)
{
	off_t end = lseek(fd, 0, SEEK_END);
	size_t size = strlen(text);
	ssize_t n;

	do {
		n = write(fd, text, size);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n == size)
		return TRUE;
	if (n >= 0)
		errno = ENOSPC;
	tune_fail_errno(error, TUNE_JOURNAL_FILE);
	if (ftruncate(fd, end) < 0 && error && *error)
		g_prefix_error(error, "last record is torn and could not be cut off: ");
	return FALSE;
}

/* An incomplete last line belongs to a write that never happened, as its writer died first. */
static gboolean cut_torn_line(int fd, const char *text, GError **error)
{
	const char *end = strrchr(text, '\n');

	if (ftruncate(fd, end ? end + 1 - text : 0) < 0)
		return tune_fail_errno(error, TUNE_JOURNAL_FILE);
	return TRUE;
}

static gboolean prepare_file(TuneRoot *root, int fd, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *header = format_header(root);

	if (!tune_read_all(fd, TUNE_JOURNAL_FILE, text, error))
		return FALSE;
	if (g_str_has_prefix(text->str, header))
		return cut_torn_line(fd, text->str, error);
	if (ftruncate(fd, 0) < 0)
		return tune_fail_errno(error, TUNE_JOURNAL_FILE);
	return append_lines(fd, header, error);
}

TuneJournal *tune_journal_open(TuneRoot *root, GError **error)
{
	g_auto(filedesc)
		fd = tune_root_open_regular(root, TUNE_JOURNAL_FILE, O_RDWR | O_CREAT, 0600, error);

	if (fd < 0 || !prepare_file(root, fd, error))
		return NULL;
	TuneJournal *journal = g_new(TuneJournal, 1);
	*journal = (TuneJournal){ root, filedesc_steal(&fd) };
	return journal;
}

void tune_journal_close(TuneJournal *journal)
{
	if (!journal)
		return;
	close(journal->fd);
	g_free(journal);
}

/* ---- values that a write resets ---- */

static gboolean is_reset_by(const TuneParam *param, const TuneParam *written)
{
	g_autofree char *key = NULL;
	const char *value;

	if (param->section != written->section)
		return FALSE;
	if (g_strcmp0(param->pair, written->key) == 0)
		return TRUE;
	return tune_param_get_after(param, &key, &value) &&
	       g_pattern_match_simple(key, written->key);
}

static void add_sibling(GString *lines, const TunePlan *plan, const TuneRecord *written,
			TuneRecordKind kind, const TuneParam *param, const char *key)
{
	g_autofree char *path = tune_section_format_path(param->section, key, written->object);
	g_autofree char *shown = tune_plan_read(plan, param->section, path, NULL);

	if (!shown)
		return;
	g_autofree char *value = param->codec->current(shown);
	TuneRecord sibling = *written;
	sibling.kind = kind;
	sibling.param = param;
	sibling.key = (char *)key;
	sibling.path = path;
	sibling.old = kind == TUNE_RECORD_SIBLING ? value : NULL;
	sibling.new = kind == TUNE_RECORD_SIBLING ? written->path : value;
	append_record(lines, &sibling);
}

/* Siblings that have no row of their own, but a "*". */
static void add_wildcard_siblings(GString *lines, const TunePlan *plan, const TuneRecord *written,
				  TuneRecordKind kind, const TuneParam *param)
{
	g_autofree char *base = tune_section_format_path(param->section, "", written->object);
	g_autofree char *pattern = g_strconcat(base, param->key, NULL);
	const TuneBackend *backend = plan->backend ? plan->backend : param->section->backend;
	g_autoptr(GPtrArray) paths = backend->list ? backend->list(plan->facts, pattern)
						   : tune_root_glob(plan->root, pattern);

	for (guint i = 0; i < paths->len; i++) {
		const char *key = (char *)paths->pdata[i] + strlen(base);
		if (tune_param_find(param->section, key) == param)
			add_sibling(lines, plan, written, kind, param, key);
	}
}

/* @kind: TUNE_RECORD_SIBLING before the write, TUNE_RECORD_KEPT after it. */
static void add_siblings(GString *lines, const TunePlan *plan, const TuneRecord *written,
			 TuneRecordKind kind)
{
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	for (guint i = 0; i < n_params; i++) {
		if (!is_reset_by(&params[i], written->param))
			continue;
		if (tune_param_is_wildcard(&params[i]))
			add_wildcard_siblings(lines, plan, written, kind, &params[i]);
		else
			add_sibling(lines, plan, written, kind, &params[i], params[i].key);
	}
}

/* ---- notes ---- */

static TuneRecord make_record(const Step *step, TuneRecordKind kind, char *old, char *new)
{
	return (TuneRecord){
		.kind = kind,
		.time = g_get_real_time() / G_USEC_PER_SEC,
		.param = step->public.param,
		.key = step->key,
		.object = step->public.object,
		.path = step->public.path,
		.old = old,
		.new = new,
	};
}

gboolean tune_journal_note_write(TuneJournal *journal, const TunePlan *plan, const Step *step,
				 GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autofree char *identity = tune_object_identify(
		plan->facts, step->public.param->section->objects, step->public.object);
	TuneRecord record = make_record(step, TUNE_RECORD_WRITE, step->public.have,
					step->public.want);

	record.identity = identity;
	append_record(lines, &record);
	add_siblings(lines, plan, &record, TUNE_RECORD_SIBLING);
	if (!append_lines(journal->fd, lines->str, error))
		return FALSE;
	if (fsync(journal->fd) < 0)
		return tune_root_fail_errno(journal->root, TUNE_JOURNAL_FILE, error);
	return TRUE;
}

void tune_journal_note_kept(TuneJournal *journal, const TunePlan *plan, const Step *step)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	TuneRecord record = make_record(step, TUNE_RECORD_KEPT, NULL, step->public.have);

	append_record(lines, &record);
	add_siblings(lines, plan, &record, TUNE_RECORD_KEPT);
	append_lines(journal->fd, lines->str, NULL);
}

gboolean tune_journal_remove(TuneRoot *root, GError **error)
{
	return tune_root_remove(root, TUNE_JOURNAL_FILE, error);
}

gboolean tune_journal_rest(TuneRoot *root, gboolean is_resting, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (is_resting)
		return tune_root_save(root, REST_FILE, "", error);
	if (tune_root_remove(root, REST_FILE, &local) ||
	    g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

gboolean tune_journal_summarise(TuneRoot *root, TuneJournalSummary *ret_summary, GError **error)
{
	g_autoptr(GPtrArray) records = tune_journal_load(root, error);
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
	gint64 newest = 0;

	if (!records)
		return FALSE;
	for (guint i = 0; i < records->len; i++) {
		const TuneRecord *record = records->pdata[i];
		if (record->kind == TUNE_RECORD_WRITE)
			g_hash_table_add(paths, record->path);
		newest = MAX(newest, record->time);
	}
	*ret_summary = (TuneJournalSummary){ g_hash_table_size(paths), newest };
	return TRUE;
}

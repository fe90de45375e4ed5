/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include <libtune/origins/conf.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

#define UNITS "etc/systemd/system/"
#define BLANKS " \t\r"

/* ---- one file ---- */

static gboolean is_absent(const GError *error)
{
	return g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT);
}

static gboolean read_text(TuneRoot *root, const char *path, GString *text, GError **error)
{
	g_autoptr(GError) fault = NULL;
	/* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_RDONLY | O_NONBLOCK, 0, &fault);
	struct stat about;

	if (fd < 0 && is_absent(fault))
		return TRUE;
	if (fd < 0) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	return fstat(fd, &about) < 0 || !S_ISREG(about.st_mode) ||
	       tune_read_all(fd, path, text, error);
}

TuneConf *tune_conf_open(TuneRoot *root, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!read_text(root, path, text, error))
		return NULL;
	for (gsize i = 0; i < text->len; i++)
		if (!text->str[i])
			text->str[i] = ' ';
	TuneConf *conf = g_new0(TuneConf, 1);
	conf->path = g_strdup(path);
	conf->text = g_string_free(g_steal_pointer(&text), FALSE);
	conf->rest = conf->text;
	return conf;
}

void tune_conf_free(TuneConf *conf)
{
	if (!conf)
		return;
	g_free(conf->path);
	g_free(conf->text);
	g_free(conf);
}

/* ---- its lines ---- */

char *tune_conf_next(TuneConf *conf)
{
	char *line = conf->rest;

	if (!*line)
		return NULL;
	conf->line++;
	conf->rest += strcspn(line, "\n");
	if (*conf->rest)
		*conf->rest++ = '\0';
	return line;
}

char *tune_conf_next_setting(TuneConf *conf)
{
	char *line;

	while ((line = tune_conf_next(conf))) {
		g_strstrip(line);
		if (*line && *line != '#' && *line != ';')
			return line;
	}
	return NULL;
}

char *tune_conf_split(char *line)
{
	char *equals = strchr(line, '=');

	if (equals)
		*equals = '\0';
	g_strstrip(line);
	return equals ? g_strstrip(equals + 1) : NULL;
}

char *tune_conf_cut_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);
	const char *ends = BLANKS;

	if (*word == '"' || *word == '\'')
		ends = *word++ == '"' ? "\"" : "'";
	char *end = word + strcspn(word, ends);
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* ---- many files ---- */

static gint compare_basenames(gconstpointer a, gconstpointer b)
{
	const char *first = *(const char *const *)a, *second = *(const char *const *)b;

	return strcmp(strrchr(first, '/'), strrchr(second, '/'));
}

GPtrArray *tune_conf_list_one(TuneRoot *root, const char *directory, const char *suffix,
			      GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GPtrArray) names = tune_root_list(root, directory, &fault);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	if (!names && !is_absent(fault)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	for (guint i = 0; names && i < names->len; i++) {
		const char *name = names->pdata[i];
		if (*name != '.' && g_str_has_suffix(name, suffix))
			g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
	}
	g_ptr_array_sort(paths, compare_basenames);
	return g_steal_pointer(&paths);
}

GPtrArray *tune_conf_list(TuneRoot *root, const char *directory, const char *suffix, GError **error)
{
	static const char *const bases[] = { "etc", "run", "usr/local/lib", "usr/lib", "lib" };
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < G_N_ELEMENTS(bases); i++) {
		g_autofree char *path = g_build_filename(bases[i], directory, NULL);
		g_autoptr(GPtrArray) more = tune_conf_list_one(root, path, suffix, error);
		if (!more)
			return NULL;
		for (guint k = 0; k < more->len; k++)
			if (g_hash_table_add(names, g_path_get_basename(more->pdata[k])))
				g_ptr_array_add(paths, g_strdup(more->pdata[k]));
	}
	g_ptr_array_sort(paths, compare_basenames);
	return g_steal_pointer(&paths);
}

gboolean tune_conf_each(TuneRoot *root, const GPtrArray *paths,
			void (*read)(gpointer data, TuneConf *conf), gpointer data, GError **error)
{
	for (guint i = 0; i < paths->len; i++) {
		g_autoptr(TuneConf) conf = tune_conf_open(root, paths->pdata[i], error);
		if (!conf)
			return FALSE;
		read(data, conf);
	}
	return TRUE;
}

/* ---- what is started at boot ---- */

gboolean tune_conf_find_entry(TuneRoot *root, const char *directory, const char *pattern,
			      char **ret_path, GError **error)
{
	g_autoptr(GPtrArray) paths = tune_conf_list_one(root, directory, "", error);

	for (guint i = 0; paths && i < paths->len; i++) {
		g_autofree char *name = g_path_get_basename(paths->pdata[i]);
		if (fnmatch(pattern, name, 0) == 0) {
			*ret_path = g_strdup(paths->pdata[i]);
			break;
		}
	}
	return paths != NULL;
}

/* Debian masks the units of a package that was removed but not purged, and leaves their links. */
gboolean tune_conf_find_start(TuneRoot *root, const char *unit, char **ret_path, GError **error)
{
	g_autofree char *mask = g_strconcat(UNITS, unit, NULL);
	g_autofree char *target = tune_root_read_link(root, mask, NULL);
	g_autoptr(GPtrArray) directories = tune_root_glob(root, UNITS "*.wants");

	if (g_strcmp0(target, "/dev/null") == 0)
		return TRUE;
	for (guint i = 0; !*ret_path && i < directories->len; i++)
		if (!tune_conf_find_entry(root, directories->pdata[i], unit, ret_path, error))
			return FALSE;
	return TRUE;
}

/* ---- what a path leads to ---- */

gboolean tune_conf_exists(TuneRoot *root, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, &error);

	return fd >= 0 || !is_absent(error);
}

static gboolean read_status(TuneRoot *root, const char *path, struct stat *about)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, NULL);

	return fd >= 0 && fstat(fd, about) == 0;
}

gboolean tune_conf_is_same(TuneRoot *root, const char *a, const char *b)
{
	struct stat first, second;

	return read_status(root, a, &first) && read_status(root, b, &second) &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/params.h>
#include <libtune/base/root.h>

#define MOST_PROFILES 32
#define LONGEST_NAME 255

/** @loaded: paths of the profiles that were read; TuneD takes none twice, which ends every loop. */
typedef struct {
	TuneSearch *search;
	GPtrArray *loaded;
} Tuned;

/** A line of a section. */
typedef struct {
	char *key;
	char *value;
	guint line;
} Setting;

/** The section that is being read. */
typedef struct {
	char *name;
	GArray *settings;
} Section;

/* clang-format off */
static const struct {
	const char *type;
	const char *key;
	const char *path;
} words[] = {
	{ "disk", "elevator",                    "sys/block/{}/queue/scheduler" },
	{ "disk", "readahead",                   "sys/block/{}/queue/read_ahead_kb" },
	{ "vm",   "transparent_hugepages",       "sys/kernel/mm/transparent_hugepage/enabled" },
	{ "vm",   "transparent_hugepage",        "sys/kernel/mm/transparent_hugepage/enabled" },
	{ "vm",   "transparent_hugepage.defrag", "sys/kernel/mm/transparent_hugepage/defrag" },
	{ "vm",   "dirty_ratio",                 "proc/sys/vm/dirty_ratio" },
	{ "vm",   "dirty_bytes",                 "proc/sys/vm/dirty_bytes" },
	{ "vm",   "dirty_background_ratio",      "proc/sys/vm/dirty_background_ratio" },
	{ "vm",   "dirty_background_bytes",      "proc/sys/vm/dirty_background_bytes" },
};
/* clang-format on */

/* ---- what a line sets ---- */

static TuneTarget match_word(const TuneSearch *search, const char *path)
{
	const char *hole = strstr(path, "{}");

	if (!hole)
		return tune_search_match(search, path);
	g_autofree char *pattern = g_strdup_printf("%.*s*%s", (int)(hole - path), path,
						   hole + strlen("{}"));
	return tune_search_match(search, pattern);
}

/* "dirty_bytes = 40%" is written to dirty_ratio. */
static TuneTarget match_percent(const TuneSearch *search, const char *path, char *value)
{
	g_autofree char *ratio = g_strndup(path, strlen(path) - strlen("bytes"));
	g_autofree char *whole = g_strconcat(ratio, "ratio", NULL);

	value[strlen(value) - 1] = '\0';
	return tune_search_match(search, whole);
}

static TuneTarget match_words(const TuneSearch *search, const char *type, const Setting *setting)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(words[i].type, type) != 0 || strcmp(words[i].key, setting->key) != 0)
			continue;
		if (g_str_has_suffix(words[i].key, "bytes") &&
		    g_str_has_suffix(setting->value, "%"))
			return match_percent(search, words[i].path, setting->value);
		return match_word(search, words[i].path);
	}
	return TUNE_TARGET_NONE;
}

static TuneTarget match_setting(const TuneSearch *search, const char *type, const Setting *setting)
{
	if (strcmp(type, "sysctl") == 0)
		return tune_search_match_sysctl(search, setting->key);
	if (strcmp(type, "sysfs") == 0)
		return tune_search_match(search, setting->key);
	return match_words(search, type, setting);
}

/* ---- sections ---- */

static const char *get_option(const Section *section, const char *key, const char *otherwise)
{
	for (guint i = 0; i < section->settings->len; i++) {
		const Setting *setting = &g_array_index(section->settings, Setting, i);
		if (strcmp(setting->key, key) == 0)
			return setting->value;
	}
	return otherwise;
}

/* "sd*, !sda": what is not excluded, of what is named, or of all. */
static gboolean has_device(const char *devices, const char *object)
{
	g_auto(GStrv) list = g_strsplit_set(devices, ", ", -1);
	gboolean has_names = FALSE, is_named = FALSE;

	for (char **device = list; *device; device++) {
		gboolean is_opposite = **device == '!';
		if (!**device)
			continue;
		has_names |= !is_opposite;
		if (!tune_glob_matches(*device + is_opposite, object, 0))
			continue;
		if (is_opposite)
			return FALSE;
		is_named = TRUE;
	}
	return is_named || !has_names;
}

static gboolean is_enabled(const Section *section)
{
	static const char *const words_for_no[] = { "0", "false", "False", "no", NULL };

	return !g_strv_contains(words_for_no, get_option(section, "enabled", "1"));
}

static void take_section(Tuned *tuned, const char *path, const Section *section)
{
	const char *type = get_option(section, "type", section->name);
	const char *object = tuned->search->step->object;

	if (!is_enabled(section) || (object && strcmp(type, "disk") == 0 &&
				     !has_device(get_option(section, "devices", "*"), object)))
		return;
	for (guint i = 0; i < section->settings->len; i++) {
		const Setting *setting = &g_array_index(section->settings, Setting, i);
		TuneTarget target = match_setting(tuned->search, type, setting);
		if (target != TUNE_TARGET_NONE)
			tune_search_add(tuned->search, target, path, setting->line, setting->value);
	}
}

/* ---- profiles ---- */

/* A "#" after a blank starts a comment. */
static void cut_comment(char *line)
{
	for (char *c = line; *c; c++)
		if (*c == '#' && c > line && g_ascii_isspace(c[-1]))
			*c-- = '\0';
}

static gboolean is_header(const char *line)
{
	return *line == '[' && strchr(line, ']');
}

/* The settings up to the next header, which @header then holds; FALSE at the end of the file. */
static gboolean next_section(TuneConf *conf, Section *section, char **header)
{
	char *line;

	g_array_set_size(section->settings, 0);
	section->name = *header;
	*header = NULL;
	while ((line = tune_conf_next_setting(conf))) {
		cut_comment(line);
		if (is_header(line)) {
			line[strcspn(line, "]")] = '\0';
			*header = line + 1;
			return TRUE;
		}
		Setting setting = { line, tune_conf_split(line), conf->line };
		if (setting.value)
			g_array_append_val(section->settings, setting);
	}
	return section->name != NULL;
}

typedef void (*TakeSection)(gpointer data, const char *path, const Section *section);

static gboolean each_section(TuneRoot *root, const char *path, TakeSection take, gpointer data,
			     GError **error)
{
	g_autoptr(TuneConf) conf = tune_conf_open(root, path, error);
	g_autoptr(GArray) settings = g_array_new(FALSE, FALSE, sizeof(Setting));
	Section section = { NULL, settings };
	char *header = NULL;

	if (!conf)
		return FALSE;
	while (next_section(conf, &section, &header))
		if (section.name)
			take(data, path, &section);
	return TRUE;
}

static void take_include(gpointer data, const char *path G_GNUC_UNUSED, const Section *section)
{
	char **includes = data;

	if (strcmp(section->name, "main") != 0)
		return;
	g_free(*includes);
	*includes = g_strdup(get_option(section, "include", ""));
}

static void take_settings(gpointer data, const char *path, const Section *section)
{
	take_section(data, path, section);
}

/* The first of its name that was not read: a profile may include the one that it stands before. */
static char *find_profile(const Tuned *tuned, const char *name)
{
	static const char *const directories[] = { "etc/tuned", "etc/tuned/profiles",
						   "usr/lib/tuned", "usr/lib/tuned/profiles" };

	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = g_build_filename(directories[i], name, "tuned.conf", NULL);
		if (!g_ptr_array_find_with_equal_func(tuned->loaded, path, g_str_equal, NULL) &&
		    tune_conf_exists(tuned->search->root, path))
			return g_steal_pointer(&path);
	}
	return NULL;
}

static gboolean load_profiles(Tuned *tuned, const char *names, GError **error);

/* What a profile includes comes before it. */
static gboolean load_profile(Tuned *tuned, const char *name, GError **error)
{
	TuneRoot *root = tuned->search->root;
	g_autofree char *includes = NULL;
	char *path = find_profile(tuned, name);

	if (!path)
		return TRUE;
	g_ptr_array_add(tuned->loaded, path);
	return each_section(root, path, take_include, &includes, error) &&
	       (!includes || load_profiles(tuned, includes, error)) &&
	       each_section(root, path, take_settings, tuned, error);
}

/* A "-" in front of an included name: it need not be there. */
static gboolean load_profiles(Tuned *tuned, const char *names, GError **error)
{
	g_auto(GStrv) list = g_strsplit_set(names, " \t\n\r,;", -1);
	guint n_names = 0;

	for (char **word = list; *word && n_names < MOST_PROFILES; word++) {
		const char *name = *word + (**word == '-');
		if (!*name || strlen(name) > LONGEST_NAME || strchr(name, '/'))
			continue;
		n_names++;
		if (tuned->loaded->len < MOST_PROFILES && !load_profile(tuned, name, error))
			return FALSE;
	}
	return TRUE;
}

gboolean tune_origins_read_tuned(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(TuneConf)
		active = tune_conf_open(search->root, "etc/tuned/active_profile", error);
	Tuned tuned = { search, loaded };

	return active && load_profiles(&tuned, active->text, error);
}

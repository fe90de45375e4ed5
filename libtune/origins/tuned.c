/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of TuneD: the active profiles, what they include, and which of their options set a value. */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/params.h>
#include <libtune/base/root.h>

#define MAIN_CONF "etc/tuned/tuned-main.conf"
#define MOST_PROFILES 32
#define LONGEST_NAME 255

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

/** A profile is read twice: first for its variables, then for its settings. */
typedef void (*UseSection)(gpointer data, const char *path, const Section *section);

/**
 * @use: what is done with each section
 * @loaded: paths of the profiles that were read; none is read twice, as in TuneD, so includes cannot loop
 * @variables: name to value
 * @has_sysctls: a section of sysctls is in force, which is what makes TuneD apply sysctl.d again
 */
typedef struct {
	TuneSearch *search;
	UseSection use;
	GPtrArray *loaded;
	GHashTable *variables;
	gboolean has_sysctls;
} Tuned;

/* clang-format off */
static const struct {
	const char *type;
	const char *key;
	const char *path;
} options[] = {
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

static const char *const words_for_no[] = { "0", "false", "False", "no", NULL };

/* ---- which setting a line is about ---- */

static TuneTarget match_path(const TuneSearch *search, const char *path)
{
	const char *hole = strstr(path, "{}");

	if (!hole)
		return tune_search_match(search, path);
	g_autofree char *pattern = g_strdup_printf("%.*s*%s", (int)(hole - path), path,
						   hole + strlen("{}"));
	return tune_search_match(search, pattern);
}

/* TuneD writes "dirty_bytes = 40%" to dirty_ratio, without the sign. */
static TuneTarget match_percent(const TuneSearch *search, const char *path, char *value)
{
	g_autofree char *ratio = g_strndup(path, strlen(path) - strlen("bytes"));
	g_autofree char *whole = g_strconcat(ratio, "ratio", NULL);

	value[strlen(value) - 1] = '\0';
	return tune_search_match(search, whole);
}

static TuneTarget match_setting(const TuneSearch *search, const char *type, const Setting *setting)
{
	if (strcmp(type, "sysctl") == 0)
		return tune_search_match_sysctl(search, setting->key);
	if (strcmp(type, "sysfs") == 0)
		return tune_search_match(search, setting->key);
	for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
		if (strcmp(options[i].type, type) != 0 || strcmp(options[i].key, setting->key) != 0)
			continue;
		if (g_str_has_suffix(options[i].key, "bytes") &&
		    g_str_has_suffix(setting->value, "%"))
			return match_percent(search, options[i].path, setting->value);
		return match_path(search, options[i].path);
	}
	return TUNE_TARGET_NONE;
}

/* ---- variables ---- */

/* NULL where it is computed by a function of TuneD, "${f:...}", or not defined */
static char *expand(GHashTable *variables, const char *text)
{
	g_autoptr(GString) expanded = g_string_new(NULL);
	const char *open;

	while ((open = strstr(text, "${"))) {
		const char *close = strchr(open, '}');
		g_autofree char *name = close ? g_strndup(open + 2, (gsize)(close - open - 2))
					      : NULL;
		const char *value = name ? g_hash_table_lookup(variables, name) : NULL;
		if (!value || strstr(value, "${"))
			return NULL;
		g_string_append_len(expanded, text, open - text);
		g_string_append(expanded, value);
		text = close + 1;
	}
	g_string_append(expanded, text);
	return g_strdup(expanded->str);
}

/* What cannot be expanded keeps its "${", by which expand() knows it. */
static void define_variable(Tuned *tuned, const char *name, const char *text)
{
	char *value = expand(tuned->variables, text);

	g_hash_table_insert(tuned->variables, g_strdup(name), value ? value : g_strdup("${"));
}

/* "include = /etc/tuned/my-variables.conf": lines of the same form. */
static void include_variables(Tuned *tuned, const char *path)
{
	g_autoptr(TuneConf) conf = tune_conf_open(tuned->search->root, path, NULL);
	char *line;

	while (conf && (line = tune_conf_next_setting(conf))) {
		const char *value = tune_conf_split(line);
		if (value)
			define_variable(tuned, line, value);
	}
}

static void collect_variables(gpointer data, const char *path G_GNUC_UNUSED, const Section *section)
{
	if (strcmp(section->name, "variables") != 0)
		return;
	for (guint i = 0; i < section->settings->len; i++) {
		const Setting *setting = &g_array_index(section->settings, Setting, i);
		if (strcmp(setting->key, "include") == 0)
			include_variables(data, setting->value + strspn(setting->value, "/"));
		else
			define_variable(data, setting->key, setting->value);
	}
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

/* NULL where the machine is not known: the kernel tells it in a file since 6.1 only. */
static char *read_uname(TuneRoot *root)
{
	static const char *const parts[] = { "ostype", "hostname", "osrelease", "version", "arch" };
	g_autoptr(GString) name = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_strconcat("proc/sys/kernel/", parts[i], NULL);
		g_autofree char *text = tune_root_read(root, path, NULL);
		if (!text)
			return NULL;
		g_string_append_printf(name, "%s%s", i ? " " : "", g_strstrip(text));
	}
	return g_strdup(name->str);
}

static char *read_cpuinfo(TuneRoot *root)
{
	return tune_root_read(root, "proc/cpuinfo", NULL);
}

/* What udev's database has of a device is no file of a known form. */
static char *read_nothing(TuneRoot *root G_GNUC_UNUSED)
{
	return NULL;
}

/* "sd*, !sda": all devices that a name matches, without those that a "!" excludes.  No names mean all devices. */
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

/* The regular expressions have to match somewhere in "Linux HOST RELEASE VERSION MACHINE", and in /proc/cpuinfo. */
static const struct {
	const char *key;
	char *(*read)(TuneRoot *root);
} conditions[] = {
	{ "uname_regex", read_uname },
	{ "cpuinfo_regex", read_cpuinfo },
	{ "devices_udev_regex", read_nothing },
};

/* FALSE when the section is for other machines; *@ret_condition when files cannot tell. */
static gboolean judge_section(TuneRoot *root, const Section *section, char **ret_condition)
{
	for (guint i = 0; i < G_N_ELEMENTS(conditions); i++) {
		const char *pattern = get_option(section, conditions[i].key, NULL);
		g_autofree char *text = pattern ? conditions[i].read(root) : NULL;
		g_autoptr(GRegex) regex = text ? g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL)
					       : NULL;
		if (!pattern)
			continue;
		if (regex && !g_regex_match(regex, text, 0, NULL))
			return FALSE;
		if (regex || *ret_condition)
			continue;
		*ret_condition = g_strdup_printf("%s matches %s", conditions[i].key, pattern);
	}
	return TRUE;
}

static void add_section(gpointer data, const char *path, const Section *section)
{
	Tuned *tuned = data;
	const char *type = get_option(section, "type", section->name);
	const char *object = tuned->search->step->object;

	if (g_strv_contains(words_for_no, get_option(section, "enabled", "1")) ||
	    (object && strcmp(type, "disk") == 0 &&
	     !has_device(get_option(section, "devices", "*"), object)))
		return;
	g_autofree char *condition = NULL;
	if (!judge_section(tuned->search->root, section, &condition))
		return;
	tuned->has_sysctls |= strcmp(type, "sysctl") == 0;
	for (guint i = 0; i < section->settings->len; i++) {
		const Setting *setting = &g_array_index(section->settings, Setting, i);
		TuneTarget target = match_setting(tuned->search, type, setting);
		g_autofree char *value = target == TUNE_TARGET_NONE
						 ? NULL
						 : expand(tuned->variables, setting->value);
		if (target != TUNE_TARGET_NONE)
			tune_search_add_if(tuned->search, target, path, setting->line, value,
					   condition);
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

/* Reads the settings up to the next header, and returns that in *@header; FALSE at the end of the file. */
static gboolean read_section(TuneConf *conf, Section *section, char **header)
{
	char *line;

	g_array_set_size(section->settings, 0);
	section->name = *header;
	*header = NULL;
	while ((line = tune_conf_next_setting(conf))) {
		cut_comment(line);
		if (*line == '[' && strchr(line, ']')) {
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

static gboolean each_section(TuneRoot *root, const char *path, UseSection use, gpointer data,
			     GError **error)
{
	g_autoptr(TuneConf) conf = tune_conf_open(root, path, error);
	g_autoptr(GArray) settings = g_array_new(FALSE, FALSE, sizeof(Setting));
	Section section = { NULL, settings };
	char *header = NULL;

	if (!conf)
		return FALSE;
	while (read_section(conf, &section, &header))
		if (section.name)
			use(data, path, &section);
	return TRUE;
}

static void read_include(gpointer data, const char *path G_GNUC_UNUSED, const Section *section)
{
	char **includes = data;

	if (strcmp(section->name, "main") != 0)
		return;
	g_free(*includes);
	*includes = g_strdup(get_option(section, "include", ""));
}

/* The first profile of this name that was not read: one in etc/ may include that of the same name in usr/lib/. */
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

/* A profile overrides the profiles that it includes, so they are read before it. */
static gboolean load_profile(Tuned *tuned, const char *name, GError **error)
{
	TuneRoot *root = tuned->search->root;
	g_autofree char *includes = NULL;
	char *path = find_profile(tuned, name);

	if (!path)
		return TRUE;
	g_ptr_array_add(tuned->loaded, path);
	return each_section(root, path, read_include, &includes, error) &&
	       (!includes || load_profiles(tuned, includes, error)) &&
	       each_section(root, path, tuned->use, tuned, error);
}

/* An included profile whose name has a "-" in front of it may be absent. */
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

static gboolean read_active(Tuned *tuned, const char *names, UseSection use, GError **error)
{
	g_ptr_array_set_size(tuned->loaded, 0);
	tuned->use = use;
	return load_profiles(tuned, names, error);
}

/* ---- sysctl.d after TuneD ---- */

static gboolean is_reapplying(TuneRoot *root)
{
	g_autoptr(TuneConf) conf = tune_conf_open(root, MAIN_CONF, NULL);
	gboolean answer = TRUE;
	char *line;

	while (conf && (line = tune_conf_next_setting(conf))) {
		const char *value = tune_conf_split(line);
		if (value && strcmp(line, "reapply_sysctl") == 0)
			answer = !g_strv_contains(words_for_no, value);
	}
	return answer;
}

/* TuneD knows run/ and etc/, not what packages have below usr/. */
static gboolean is_reapplied(const TuneOrigin *origin)
{
	return strcmp(origin->who, "sysctl.d") == 0 &&
	       (g_str_has_prefix(origin->place, "run/sysctl.d/") ||
		g_str_has_prefix(origin->place, "etc/sysctl."));
}

static void reapply_sysctls(TuneSearch *search)
{
	for (guint i = 0; i < search->found->len; i++)
		if (is_reapplied(search->found->pdata[i]))
			search->winner = (gint)i;
}

gboolean tune_origins_read_tuned(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable)
		variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(TuneConf)
		active = tune_conf_open(search->root, "etc/tuned/active_profile", error);
	Tuned tuned = { .search = search, .loaded = loaded, .variables = variables };
	g_autofree char *start = NULL;

	if (!active || !tune_conf_find_start(search->root, "tuned.service", &start, error))
		return FALSE;
	if (!start)
		return TRUE;
	if (!read_active(&tuned, active->text, collect_variables, error) ||
	    !read_active(&tuned, active->text, add_section, error))
		return FALSE;
	if (tuned.has_sysctls && is_reapplying(search->root))
		reapply_sysctls(search);
	return TRUE;
}

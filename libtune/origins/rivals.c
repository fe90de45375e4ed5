/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values of a plan somebody else sets, too: at the next boot, or again and again. */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/plan.h>

/**
 * @text: of all files that may set values by their paths, to tell quickly that none of them has a name
 * @options: words of the kernel's command line and of modprobe.d, which name values in a way of their own
 * @is_last: our own unit comes after all of them, but for ksmtuned
 * @is_tuned: TuneD is started, whose profiles name values by words of its own
 * @is_ksmtuned: ksmtuned is started, which writes again and again
 */
typedef struct {
	TuneRoot *root;
	char *text;
	char **options;
	gboolean is_last;
	gboolean is_tuned;
	gboolean is_ksmtuned;
} Rivals;

/* Files of a drop-in directory, or, without a suffix, one file. */
static const struct {
	const char *path;
	const char *suffix;
	gboolean has_options;
} files[] = {
	{ "sysctl.d", ".conf", FALSE },      { "etc/sysctl.conf", NULL, FALSE },
	{ "udev/rules.d", ".rules", FALSE }, { "tmpfiles.d", ".conf", FALSE },
	{ "sysfs.d", ".conf", FALSE },       { "etc/sysfs.conf", NULL, FALSE },
	{ "modprobe.d", ".conf", TRUE },     { "proc/cmdline", NULL, TRUE },
};

/* Comments name much that no line sets. */
static void append_file(gpointer data, TuneConf *conf)
{
	GString *text = data;
	const char *line;

	while ((line = tune_conf_next_setting(conf)))
		g_string_append_printf(text, "%s\n", line);
}

static GPtrArray *list_paths(TuneRoot *root, const char *path, const char *suffix, GError **error)
{
	if (suffix)
		return tune_conf_list(root, path, suffix, error);
	GPtrArray *one = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(one, g_strdup(path));
	return one;
}

static gboolean read_files(Rivals *rivals, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) options = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(GPtrArray)
			paths = list_paths(rivals->root, files[i].path, files[i].suffix, error);
		if (!paths || !tune_conf_each(rivals->root, paths, append_file,
					      files[i].has_options ? options : text, error))
			return FALSE;
	}
	rivals->text = g_strdup(text->str);
	rivals->options = g_strsplit_set(options->str, " \t\n", -1);
	return TRUE;
}

static gboolean find_starts(Rivals *rivals, GError **error)
{
	g_autofree char *own = NULL, *tuned = NULL, *ksmtuned = NULL;

	if (!tune_conf_find_start(rivals->root, "ganeti-tune.service", &own, error) ||
	    !tune_conf_find_start(rivals->root, "tuned.service", &tuned, error) ||
	    !tune_origins_find_ksmtuned(rivals->root, &ksmtuned, error))
		return FALSE;
	rivals->is_last = own != NULL;
	rivals->is_tuned = tuned != NULL;
	rivals->is_ksmtuned = ksmtuned != NULL;
	return TRUE;
}

/*
 * By its last word, which is how udev and sysctl name it.  Of a file below sys/ that is of no device it is common ("run",
 * "enabled"), and only paths name it: so its directory is looked for as well.
 */
static gboolean has_path(const Rivals *rivals, const char *path, gboolean is_of_device)
{
	const char *name = strrchr(path, '/') + 1;

	if (g_str_has_prefix(path, "sys/") && !is_of_device)
		for (name--; name > path && name[-1] != '/';)
			name--;
	return strstr(rivals->text, name) != NULL;
}

/* Whether the parameter @option is @word, or begins with it: "cpufreq.x=y", "nosmt", not "kvm" for "vm". */
static gboolean begins_with(const char *option, const char *word)
{
	size_t length = strlen(word);
	const char *name = option;

	if (g_str_has_prefix(option, "no") && !g_str_has_prefix(word, "no"))
		name += strlen("no");
	return strncmp(name, word, length) == 0 && (!name[length] || strchr("=._", name[length]));
}

/*
 * By its name, "sysctl.vm.swappiness=1" or "options kvm halt_poll_ns=0", or by a directory, "transparent_hugepage=never" or
 * "nosmt".
 */
static gboolean has_option(const Rivals *rivals, const char *path)
{
	g_auto(GStrv) directories = g_strsplit(path, "/", -1);
	const char *name = strrchr(path, '/') + 1;

	for (char **option = rivals->options; *option; option++) {
		if (strstr(*option, name))
			return TRUE;
		for (char **directory = directories; *directory; directory++)
			if (**directory && begins_with(*option, *directory))
				return TRUE;
	}
	return FALSE;
}

/* FALSE: nobody can set it; TRUE: a closer look has to tell */
static gboolean may_be_set(const Rivals *rivals, const TuneStep *step)
{
	gboolean is_of_device = step->object != NULL;

	if (rivals->is_ksmtuned && step->param->section == &tune_section_ksm)
		return TRUE;
	if (rivals->is_last || !strchr(step->path, '/'))
		return FALSE;
	if (rivals->is_tuned || has_path(rivals, step->path, is_of_device) ||
	    has_option(rivals, step->path))
		return TRUE;
	if (!step->param->pair)
		return FALSE;
	g_autofree char *pair = tune_section_format_path(step->param->section, step->param->pair,
							 NULL);
	return has_path(rivals, pair, is_of_device) || has_option(rivals, pair);
}

/* Whether a host that shows @value has what @step wants. */
static gboolean is_wanted(const TuneStep *step, const char *value)
{
	const TuneCodec *codec = step->param->codec;
	g_autofree char *have = codec->current(value);
	g_autofree char *should = codec->resolve(value, step->want);

	return should && codec->equal(have, should);
}

static char *describe(const TuneOrigin *origin)
{
	if (!origin->value)
		return g_strdup_printf("%s sets it at run time, as %s says", origin->who,
				       origin->place);
	return g_strdup_printf("%s sets it to %s at boot: %s", origin->who, origin->value,
			       origin->place);
}

static gboolean mark_step(const Rivals *rivals, Step *step, GError **error)
{
	g_autoptr(GPtrArray) origins = tune_origins_find(rivals->root, &step->public, error);

	if (!origins)
		return FALSE;
	for (guint i = 0; i < origins->len; i++) {
		const TuneOrigin *origin = origins->pdata[i];
		gboolean is_rival = origin->wins &&
				    (!origin->value || !is_wanted(&step->public, origin->value));
		if (is_rival)
			tune_step_settle(step, TUNE_VERDICT_CONTESTED, describe(origin));
	}
	return TRUE;
}

static gboolean mark_steps(const Rivals *rivals, TunePlan *plan, GError **error)
{
	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		gboolean is_open = step->public.verdict == TUNE_VERDICT_SAME ||
				   step->public.verdict == TUNE_VERDICT_WOULD_CHANGE;
		if (is_open && step->public.want && may_be_set(rivals, &step->public) &&
		    !mark_step(rivals, step, error))
			return FALSE;
	}
	return TRUE;
}

gboolean tune_plan_mark_contested(TunePlan *plan, GError **error)
{
	Rivals rivals = { .root = plan->root };

	if (!plan->steps->len)
		return TRUE;
	gboolean good = find_starts(&rivals, error) &&
			(rivals.is_last || read_files(&rivals, error)) &&
			mark_steps(&rivals, plan, error);
	g_free(rivals.text);
	g_strfreev(rivals.options);
	return good;
}

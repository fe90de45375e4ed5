/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values of a plan somebody else sets, too: at the next boot, or again and again. */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/plan.h>

/**
 * @text: of all files that may set values by their paths, to tell quickly that none of them has a name
 * @options: the same of the kernel's command line and of modprobe.d, which have words of their own for them
 * @is_last: our own unit comes after all of them, but for ksmtuned
 * @is_tuned: TuneD is started, whose profiles name values by words of its own
 * @is_ksmtuned: ksmtuned is started, which writes again and again
 */
typedef struct {
	TuneRoot *root;
	GString *text;
	GString *options;
	gboolean is_last;
	gboolean is_tuned;
	gboolean is_ksmtuned;
} Rivals;

static void append_file(gpointer data, TuneConf *conf)
{
	GString *text = data;
	const char *line;

	/* Comments name much that no line sets. */
	while ((line = tune_conf_next_setting(conf)))
		g_string_append_printf(text, "%s\n", line);
}

/* Appends to @text the files of @directories, which ends with a NULL, and those of @files. */
static gboolean read_files(TuneRoot *root, const char *const (*directories)[2],
			   const char *const *files, GString *text, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	for (; *files; files++)
		g_ptr_array_add(paths, g_strdup(*files));
	for (; **directories; directories++) {
		g_autoptr(GPtrArray)
			more = tune_conf_list(root, (*directories)[0], (*directories)[1], error);
		if (!more)
			return FALSE;
		g_ptr_array_extend_and_steal(paths, g_steal_pointer(&more));
	}
	return tune_conf_each(root, paths, append_file, text, error);
}

static gboolean read_all_files(Rivals *rivals, GError **error)
{
	static const char *const directories[][2] = { { "sysctl.d", ".conf" },
						      { "udev/rules.d", ".rules" },
						      { "tmpfiles.d", ".conf" },
						      { NULL, NULL } };
	static const char *const files[] = { "etc/sysctl.conf", "etc/sysfs.conf", NULL };
	static const char *const option_directories[][2] = { { "modprobe.d", ".conf" },
							     { NULL, NULL } };
	static const char *const option_files[] = { "proc/cmdline", NULL };
	g_autoptr(GPtrArray)
		paths = tune_conf_list_one(rivals->root, "etc/sysfs.d", ".conf", error);

	return paths && tune_conf_each(rivals->root, paths, append_file, rivals->text, error) &&
	       read_files(rivals->root, directories, files, rivals->text, error) &&
	       read_files(rivals->root, option_directories, option_files, rivals->options, error);
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
	return strstr(rivals->text->str, name) != NULL;
}

/* Whether @word, or "no" and @word, begins a parameter of the kernel: "cpufreq.x=y", "nosmt", not "kvm" for "vm". */
static gboolean has_parameter(const char *options, const char *word)
{
	g_auto(GStrv) parameters = g_strsplit_set(options, " \t\n", -1);
	size_t length = strlen(word);

	for (char **parameter = parameters; *parameter; parameter++) {
		const char *name = *parameter;
		if (g_str_has_prefix(name, "no") && !g_str_has_prefix(word, "no"))
			name += strlen("no");
		if (strncmp(name, word, length) == 0 && strchr("=._", name[length]))
			return TRUE;
	}
	return FALSE;
}

/* "sysctl.vm.swappiness=1", "options kvm halt_poll_ns=0", or by a directory: "transparent_hugepage=never", "nosmt" */
static gboolean has_option(const Rivals *rivals, const char *path)
{
	g_auto(GStrv) directories = g_strsplit(path, "/", -1);
	gboolean is_named = strstr(rivals->options->str, strrchr(path, '/') + 1) != NULL;

	for (char **directory = directories; *directory && !is_named; directory++)
		is_named = has_parameter(rivals->options->str, *directory);
	return is_named;
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

gboolean tune_plan_mark_contested(TunePlan *plan, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) options = g_string_new(NULL);
	Rivals rivals = { .root = plan->root, .text = text, .options = options };

	if (!plan->steps->len)
		return TRUE;
	if (!find_starts(&rivals, error) || (!rivals.is_last && !read_all_files(&rivals, error)))
		return FALSE;
	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		gboolean is_open = step->public.verdict == TUNE_VERDICT_SAME ||
				   step->public.verdict == TUNE_VERDICT_WOULD_CHANGE;
		if (is_open && step->public.want && may_be_set(&rivals, &step->public) &&
		    !mark_step(&rivals, step, error))
			return FALSE;
	}
	return TRUE;
}

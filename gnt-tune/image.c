/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"

/* A QMP socket takes one client, and Ganeti's migration needs it: do not hold it longer than a second. */
#define GUEST_DEADLINE_US G_USEC_PER_SEC

typedef TuneCpu *Load(const Options *options, TuneRoot *root, const char *name, GError **error);

static gint64 get_deadline(void)
{
	return g_get_monotonic_time() + CPU_DEADLINE_US;
}

void image_free(Image *image)
{
	if (!image)
		return;
	g_free(image->name);
	tune_cpu_free(image->cpu);
	g_free(image);
}

static void free_image(gpointer image)
{
	image_free(image);
}

/* ---- one of each kind ---- */

/* A node without a QEMU still has a CPU to show.  Only a QEMU that --qemu names must be there. */
static TuneCpu *load_host(const Options *options, TuneRoot *root, const char *name G_GNUC_UNUSED,
			  GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *binary = cpu_find_binary(options, root);
	TuneCpu *cpu = tune_cpu_load_node(root, binary, get_deadline(), &local);

	if (cpu)
		return cpu;
	if (cpu_names_binary(options) || !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	cpu = tune_cpu_load_kvm(root, error);
	if (cpu)
		tune_cpu_read_parameters(cpu, root);
	return cpu;
}

static TuneCpu *load_instance(const Options *options G_GNUC_UNUSED, TuneRoot *root,
			      const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;
	gint64 deadline = g_get_monotonic_time() + GUEST_DEADLINE_US;
	TuneCpu *cpu = tune_cpu_load_guest(root, name, NULL, deadline, &local);

	if (!cpu && !local)
		g_set_error(&local, TUNE_ERROR, TUNE_ERROR_ABSENT,
			    "instance %s does not run on this node, or not under KVM", name);
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	return cpu;
}

static TuneCpu *load_qemu(const Options *options G_GNUC_UNUSED, TuneRoot *root, const char *name,
			  GError **error)
{
	return tune_cpu_load_socket(root, name, get_deadline(), error);
}

static gboolean is_no_record(const GError *error)
{
	return g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT) ||
	       g_error_matches(error, TUNE_ERROR, TUNE_ERROR_INVALID);
}

/* Says what was assumed about dumps, once, and in what the CPUs of this one differ. */
static void print_assumptions(const TuneCpu *cpu, const char *name)
{
	static gboolean is_told;
	const char *profile = tune_cpu_get_profile(cpu);
	const char *differences = tune_cpu_get_differences(cpu);

	if (profile && !is_told)
		g_printerr(
			"gnt-tune: dumps of bare CPUs show what guests get under %s; --kernel and --qemu name others\n",
			profile);
	is_told |= profile != NULL;
	if (differences)
		g_printerr(
			"gnt-tune: %s: its CPUs differ (%s), and only what all of them have counts\n",
			name, differences);
}

static TuneCpu *load_file(const Options *options, const char *name, GError **error)
{
	TuneCpuProfile profile;
	TuneCpu *cpu = cpu_get_profile(options, &profile, error)
			       ? tune_cpu_load_file(name, &profile, error)
			       : NULL;

	if (cpu)
		print_assumptions(cpu, name);
	return cpu;
}

/* The record of a node is preferred to a file of the same name in the working directory. */
static TuneCpu *load_other(const Options *options, TuneRoot *root, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (strchr(name, '/'))
		return load_file(options, name, error);
	TuneCpu *cpu = tune_cpu_load_node_record(root, name, &local);
	if (cpu)
		return cpu;
	if (is_no_record(local) && g_file_test(name, G_FILE_TEST_EXISTS))
		return load_file(options, name, error);
	gboolean is_absent = g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT);
	g_propagate_prefixed_error(error, g_steal_pointer(&local), "%s",
				   is_absent ? "neither a file nor a node with a record: " : "");
	return NULL;
}

/* ---- names ---- */

static char *name_file(const char *path)
{
	static const char *const suffixes[] = { ".cpuid", ".yaml" };
	char *name = g_path_get_basename(path);

	for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(name, suffixes[i]))
			name[strlen(name) - strlen(suffixes[i])] = '\0';
	return name;
}

/* Parses "KIND NAME" or "KIND:NAME": returns the name and moves @words past it, or NULL for another kind. */
static const char *parse_kind(char ***words, const char *kind)
{
	const char *first = **words;

	if (!g_str_has_prefix(first, kind))
		return NULL;
	const char *rest = first + strlen(kind);
	if (*rest ? *rest != ':' : !(*words)[1])
		return NULL;
	*words += *rest ? 1 : 2;
	return *rest ? rest + 1 : (*words)[-1];
}

/* The function that loads the image of @words.  @ret_shown: its name in tables, where that is not @ret_name. */
static Load *find_loader(char ***words, const char **ret_name, char **ret_shown)
{
	static const struct {
		const char *kind;
		Load *load;
	} kinds[] = { { "instance", load_instance }, { "qemu", load_qemu } };

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		*ret_name = parse_kind(words, kinds[i].kind);
		if (*ret_name)
			return kinds[i].load;
	}
	*ret_name = *(*words)++;
	if (strcmp(*ret_name, "host") == 0)
		return load_host;
	*ret_shown = name_file(*ret_name);
	return load_other;
}

Image *image_load(const Options *options, TuneRoot *root, char ***words, GError **error)
{
	g_autofree char *shown = NULL;
	const char *name;
	Load *load = find_loader(words, &name, &shown);
	TuneCpu *cpu = load(options, root, name, error);

	if (!cpu)
		return NULL;
	Image *image = g_new(Image, 1);
	*image = (Image){ shown ? g_steal_pointer(&shown) : g_strdup(name), cpu };
	return image;
}

/* ---- many ---- */

GPtrArray *images_load(const Options *options, TuneRoot *root, char **words, GError **error)
{
	g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(free_image);

	while (*words) {
		Image *image = image_load(options, root, &words, error);
		if (!image)
			return NULL;
		g_ptr_array_add(images, image);
	}
	return g_steal_pointer(&images);
}

void images_start_as_configured(const GPtrArray *images, TuneRoot *root)
{
	g_autofree char *machine = tune_ganeti_get_machine(root);

	for (guint i = 0; i < images->len; i++)
		tune_cpu_start_as(((const Image *)images->pdata[i])->cpu, machine);
}

GPtrArray *images_load_published(TuneRoot *root, guint *ret_n_bad, GError **error)
{
	g_auto(GStrv) nodes = tune_cpu_list_records(root);
	g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(free_image);

	*ret_n_bad = 0;
	for (char **node = nodes; *node; node++) {
		g_autoptr(GError) local = NULL;
		TuneCpu *cpu = tune_cpu_load_node_record(root, *node, &local);
		if (!cpu) {
			g_printerr("gnt-tune: left out: %s\n", local->message);
			++*ret_n_bad;
			continue;
		}
		Image *image = g_new(Image, 1);
		*image = (Image){ g_strdup(*node), cpu };
		g_ptr_array_add(images, image);
	}
	if (images->len)
		return g_steal_pointer(&images);
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_ABSENT,
		    "no record in /%s: run gnt-tune cpu publish on the master, or name files",
		    TUNE_CPU_RECORDS);
	return NULL;
}

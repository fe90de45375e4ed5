/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <libtune/host/disks.h>
#include <libtune/base/error.h>
#include <libtune/tuning/policy-read.h>
#include <libtune/base/root.h>

/* What gnt-cluster init takes when nothing is said (Ganeti's DEFAULT_VG). */
#define DEFAULT_VOLUME_GROUP "xenvg"

/* Beside Ganeti's own /srv/ganeti/os and /srv/ganeti/export. */
#define DEFAULT_IMAGES "/srv/ganeti/images"

/* Without KVM a virtual machine takes half a minute to start, and its work is ten times slower. */
#define DEFAULT_DEADLINE_S (30 * 60)

extern const char tune_default_policy[];

static void setting_free(gpointer data)
{
	TuneSetting *setting = data;

	g_free(setting->key);
	g_free(setting->want);
	g_free(setting->origin);
	g_free(setting->place);
	g_free(setting);
}

static void rule_free(gpointer data)
{
	TuneRule *rule = data;

	g_ptr_array_unref(rule->match);
	g_ptr_array_unref(rule->settings);
	g_free(rule);
}

TuneRule *tune_rule_new(void)
{
	TuneRule *rule = g_new(TuneRule, 1);

	rule->match = g_ptr_array_new_null_terminated(4, g_free, TRUE);
	rule->settings = g_ptr_array_new_with_free_func(setting_free);
	return rule;
}

void tune_policy_free(TunePolicy *policy)
{
	if (!policy)
		return;
	g_ptr_array_unref(policy->settings);
	g_ptr_array_unref(policy->rules);
	g_ptr_array_unref(policy->link_rules);
	g_ptr_array_unref(policy->volume_groups);
	g_ptr_array_unref(policy->drbd.settings);
	g_ptr_array_unref(policy->guests.images);
	g_free(policy->cpu.type);
	g_free(policy->file);
	g_free(policy);
}

const char *tune_policy_get_file(const TunePolicy *policy)
{
	return policy->file;
}

const TuneCpuPolicy *tune_policy_get_cpu(const TunePolicy *policy)
{
	return &policy->cpu;
}

const TuneGuestPolicy *tune_policy_get_guests(const TunePolicy *policy)
{
	return &policy->guests;
}

guint tune_policy_get_disk_classes(const TunePolicy *policy)
{
	guint classes = 0;

	for (guint i = 0; i < policy->rules->len; i++) {
		const TuneRule *rule = policy->rules->pdata[i];
		for (guint j = 0; j < rule->match->len; j++) {
			const char *word = rule->match->pdata[j];
			classes |= tune_disk_class_from_word(word + (*word == '!'));
		}
	}
	return classes;
}

TunePolicy *tune_policy_new(const char *file)
{
	TunePolicy *policy = g_new0(TunePolicy, 1);

	policy->file = g_strdup(file);
	policy->settings = g_ptr_array_new_with_free_func(setting_free);
	policy->rules = g_ptr_array_new_with_free_func(rule_free);
	policy->link_rules = g_ptr_array_new_with_free_func(rule_free);
	policy->drbd.settings = g_ptr_array_new_with_free_func(setting_free);
	policy->volume_groups = g_ptr_array_new_null_terminated(1, g_free, TRUE);
	g_ptr_array_add(policy->volume_groups, g_strdup(DEFAULT_VOLUME_GROUP));
	/* Safe where the policy does not speak of CPUs at all. */
	policy->cpu.is_gate_on = TRUE;
	policy->cpu.is_unknown_refused = TRUE;
	policy->cpu.type = g_strdup(TUNE_CPU_TYPE_KEEP);
	policy->guests.images = g_ptr_array_new_null_terminated(1, g_free, TRUE);
	g_ptr_array_add(policy->guests.images, g_strdup(DEFAULT_IMAGES));
	policy->guests.deadline_s = DEFAULT_DEADLINE_S;
	return policy;
}

/* ---- files ---- */

/* Whoever may write the policy may write to the kernel as root.  A FIFO or a device may have no end. */
static gboolean check_trusted(int fd, const char *file, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return tune_fail_errno(error, file);
	if (S_ISDIR(status.st_mode))
		return tune_fail(error, TUNE_ERROR_POLICY, "%s: is a directory", file);
	if (!S_ISREG(status.st_mode))
		return tune_fail(error, TUNE_ERROR_POLICY, "%s: is not a regular file", file);
	if (geteuid() == 0 && (status.st_uid != 0 || status.st_mode & 022))
		return tune_fail(
			error, TUNE_ERROR_POLICY,
			"%s: not trusted: owner %u, mode %04o; only root may be able to write it "
			"(chown root, chmod go-w)",
			file, status.st_uid, status.st_mode & 07777);
	return TRUE;
}

static TunePolicy *load_fd(int fd, const char *file, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!check_trusted(fd, file, error) || !tune_read_all(fd, file, text, error))
		return NULL;
	return tune_policy_parse(text->str, text->len, file, error);
}

/* Somebody has put it elsewhere: what it says there is not what the built-in one says. */
static gboolean is_dangling(TuneRoot *root)
{
	g_auto(filedesc)
		fd = tune_root_open_file(root, TUNE_POLICY_FILE, O_PATH | O_NOFOLLOW, 0, NULL);

	return fd >= 0;
}

TunePolicy *tune_policy_load(TuneRoot *root, const char *file, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (file) {
		g_auto(filedesc) fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0) {
			tune_fail_errno(error, file);
			return NULL;
		}
		return load_fd(fd, file, error);
	}
	g_auto(filedesc)
		fd = tune_root_open_file(root, TUNE_POLICY_FILE, O_RDONLY | O_NONBLOCK, 0, &local);
	if (fd >= 0)
		return load_fd(fd, "/" TUNE_POLICY_FILE, error);
	/* Only a file that is not there means the default: one that cannot be read may say something else. */
	if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (is_dangling(root))
		return tune_fail_null(error, TUNE_ERROR_IO, "/%s: is a link to what is not there",
				      TUNE_POLICY_FILE);
	return tune_policy_parse(tune_default_policy, strlen(tune_default_policy),
				 TUNE_POLICY_BUILTIN, error);
}

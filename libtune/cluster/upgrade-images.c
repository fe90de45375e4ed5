/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cluster/upgrade.h>
#include <libtune/cpu/compare.h>
#include <libtune/migration/gate.h>

#define NOT_ASKED 0xff
#define NOT_MOVED (-2)

/**
 * What a guest sees.
 *
 * @verdicts, @moved: by the numbers of records: TuneCpuVerdict or NOT_ASKED; what it sees after that move or NOT_MOVED
 */
typedef struct {
	TuneCpu *cpu;
	guint waivers;
	gboolean is_off;
	guint8 *verdicts;
	gint *moved;
} Image;

/** @numbers: of records and of images, by what they say */
struct TuneImages {
	const TuneCpuPolicy *policy;
	GPtrArray *records;
	GPtrArray *images;
	GHashTable *record_numbers;
	GHashTable *image_numbers;
};

static void free_image(gpointer data)
{
	Image *image = data;

	tune_cpu_free(image->cpu);
	g_free(image->verdicts);
	g_free(image->moved);
	g_free(image);
}

TuneImages *tune_images_new(const TuneCpuPolicy *policy)
{
	TuneImages *images = g_new0(TuneImages, 1);

	images->policy = policy;
	images->records = g_ptr_array_new();
	images->images = g_ptr_array_new_with_free_func(free_image);
	images->record_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	images->image_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return images;
}

void tune_images_free(TuneImages *images)
{
	if (!images)
		return;
	g_ptr_array_unref(images->records);
	g_ptr_array_unref(images->images);
	g_hash_table_unref(images->record_numbers);
	g_hash_table_unref(images->image_numbers);
	g_free(images);
}

/* All that is in a record, but for whose it is, when it was made, and of which files. */
static char *make_key(const TuneCpu *cpu)
{
	g_autoptr(TuneCpu) bare = tune_cpu_copy(cpu);

	tune_cpu_set_node(bare, NULL);
	tune_cpu_set_time(bare, 0);
	tune_cpu_set_text(bare, TUNE_CPU_BASIS, NULL);
	g_autofree char *yaml = tune_cpu_to_yaml(bare);
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, yaml, -1);
}

gint tune_images_add_record(TuneImages *images, const TuneCpu *record)
{
	gpointer number;

	if (!record)
		return TUNE_NO_IMAGE;
	g_autofree char *key = make_key(record);
	if (g_hash_table_lookup_extended(images->record_numbers, key, NULL, &number))
		return GPOINTER_TO_INT(number);
	g_ptr_array_add(images->records, (gpointer)record);
	number = GINT_TO_POINTER((gint)images->records->len - 1);
	g_hash_table_insert(images->record_numbers, g_steal_pointer(&key), number);
	return GPOINTER_TO_INT(number);
}

/* Takes ownership of @cpu. */
static gint add_image(TuneImages *images, TuneCpu *cpu, guint waivers, gboolean is_off)
{
	g_autofree char *text = make_key(cpu);
	g_autofree char *key = g_strdup_printf("%s %u %d", text, waivers, is_off);
	gpointer number;

	if (g_hash_table_lookup_extended(images->image_numbers, key, NULL, &number)) {
		tune_cpu_free(cpu);
		return GPOINTER_TO_INT(number);
	}
	Image *image = g_new(Image, 1);
	guint n_records = images->records->len;
	*image = (Image){ cpu, waivers, is_off, g_malloc(n_records), g_new(gint, n_records) };
	memset(image->verdicts, NOT_ASKED, n_records);
	for (guint i = 0; i < n_records; i++)
		image->moved[i] = NOT_MOVED;
	g_ptr_array_add(images->images, image);
	number = GINT_TO_POINTER((gint)images->images->len - 1);
	g_hash_table_insert(images->image_numbers, g_steal_pointer(&key), number);
	return GPOINTER_TO_INT(number);
}

gint tune_images_add_guest(TuneImages *images, const TuneCpu *sees, char *const *tags,
			   gboolean is_free)
{
	gboolean is_off = is_free || tune_gate_is_off(images->policy, tags);

	if (!sees && !is_off)
		return TUNE_NO_IMAGE;
	/* Of a guest that is not checked it does not matter what it sees. */
	return add_image(images, is_off ? tune_cpu_new(TUNE_CPU_GUEST) : tune_cpu_copy(sees),
			 tune_gate_get_waivers(images->policy, tags), is_off);
}

TuneCpuVerdict tune_images_judge(TuneImages *images, gint guest, gint record)
{
	if (guest == TUNE_NO_IMAGE || record == TUNE_NO_IMAGE)
		return tune_gate_predict(images->policy, 0, NULL, NULL);
	Image *image = images->images->pdata[guest];
	if (image->is_off)
		return TUNE_CPU_OK;
	if (image->verdicts[record] == NOT_ASKED)
		image->verdicts[record] = (guint8)tune_gate_predict(
			images->policy, image->waivers, image->cpu, images->records->pdata[record]);
	return image->verdicts[record];
}

/* A guest of a named model keeps its CPU, and one of "host" gets that of its new node; both keep their machine type. */
gint tune_images_move(TuneImages *images, gint guest, gint record)
{
	if (guest == TUNE_NO_IMAGE || record == TUNE_NO_IMAGE)
		return guest;
	Image *image = images->images->pdata[guest];
	if (image->is_off || !tune_cpu_follows_node(image->cpu))
		return guest;
	if (image->moved[record] != NOT_MOVED)
		return image->moved[record];
	const TuneCpu *gives = images->records->pdata[record];
	TuneCpu *sees = tune_cpu_copy_for(gives, image->cpu);
	sees->source = image->cpu->source;
	sees->unused = 0;
	tune_cpu_set_text(sees, TUNE_CPU_TYPE, image->cpu->texts[TUNE_CPU_TYPE]);
	/* Of the names that its QEMU knows a guest sees nothing. */
	for (guint i = TUNE_CPU_PROPERTIES; i < TUNE_CPU_N_TEXTS; i++)
		tune_cpu_set_text(sees, i, NULL);
	tune_cpu_set_machines(sees, NULL);
	gint number = add_image(images, sees, image->waivers, image->is_off);
	image->moved[record] = number;
	return number;
}

char *tune_images_explain(const TuneImages *images, gint guest, gint record)
{
	if (guest == TUNE_NO_IMAGE || record == TUNE_NO_IMAGE)
		return g_strdup(record == TUNE_NO_IMAGE ? "no record"
							: "what it sees is not known");
	const Image *image = images->images->pdata[guest];
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(
		image->cpu, images->records->pdata[record], image->waivers);
	return tune_cpu_report_format(report);
}

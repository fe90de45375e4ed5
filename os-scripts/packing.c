/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "os-scripts/os.h"
#include "os-scripts/packing.h"

/* Packs a Debian system to 36 % at 270 MiB/s; level 1 to 41 % at 420, level 4 to 35 % at 196 (measured by zstd -b). */
#define ZSTD_LEVEL 3
/* The most memory that a stream can demand: a window of 8 MiB.  Level 3 needs 2. */
#define ZSTD_LARGEST_WINDOW 23
/* gzip is for compatibility; zstd packs better, and faster, than gzip's higher levels. */
#define GZIP_LEVEL 1
#define GZIP_WINDOW (15 + 16) /* 16: with gzip's header and checksum */

struct Packer {
	const struct PackingKind *kind;
	Wire *wire;
	ZSTD_CStream *zstd;
	z_stream gzip;
	guint8 buffer[WIRE_BUFFER];
};

struct Unpacker {
	const struct PackingKind *kind;
	Wire *wire;
	ZSTD_DStream *zstd;
	z_stream gzip;
	gboolean has_ended;
};

/*
 * @pack: pack all of @data; with @is_last, also write what was kept in memory
 * @unpack: unpack as much of @in as fits into @out; sets has_ended; returns NULL, or what is wrong
 */
typedef struct PackingKind {
	const char *name;
	gboolean (*pack)(Packer *packer, const void *data, gsize size, gboolean is_last,
			 GError **error);
	const char *(*unpack)(Unpacker *unpacker, ZSTD_inBuffer *in, ZSTD_outBuffer *out);
} PackingKind;

/* ---- not packed ---- */

static gboolean pack_nothing(Packer *packer, const void *data, gsize size,
			     gboolean is_last G_GNUC_UNUSED, GError **error)
{
	return wire_write(packer->wire, data, size, error);
}

static const char *unpack_nothing(Unpacker *unpacker, ZSTD_inBuffer *in, ZSTD_outBuffer *out)
{
	gsize n = MIN(in->size, out->size);

	unpacker->has_ended = in->size == 0;
	if (n > 0)
		memcpy(out->dst, in->src, n);
	in->pos = out->pos = n;
	return NULL;
}

/* ---- gzip ---- */

static gboolean pack_gzip(Packer *packer, const void *data, gsize size, gboolean is_last,
			  GError **error)
{
	z_stream *gzip = &packer->gzip;

	gzip->next_in = (Bytef *)(gpointer)data;
	gzip->avail_in = (uInt)size;
	do {
		gzip->next_out = packer->buffer;
		gzip->avail_out = sizeof(packer->buffer);
		deflate(gzip, is_last ? Z_FINISH : Z_NO_FLUSH);
		if (!wire_write(packer->wire, packer->buffer,
				sizeof(packer->buffer) - gzip->avail_out, error))
			return FALSE;
	} while (gzip->avail_out == 0);
	return TRUE;
}

static const char *unpack_gzip(Unpacker *unpacker, ZSTD_inBuffer *in, ZSTD_outBuffer *out)
{
	z_stream *gzip = &unpacker->gzip;

	gzip->next_in = (Bytef *)(gpointer)in->src;
	gzip->avail_in = (uInt)in->size;
	gzip->next_out = out->dst;
	gzip->avail_out = (uInt)out->size;
	int result = inflate(gzip, Z_NO_FLUSH);
	in->pos = in->size - gzip->avail_in;
	out->pos = out->size - gzip->avail_out;
	unpacker->has_ended = result == Z_STREAM_END;
	if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
		return NULL;
	return gzip->msg ? gzip->msg : "cannot be unpacked";
}

/* ---- zstd ---- */

static gboolean pack_zstd(Packer *packer, const void *data, gsize size, gboolean is_last,
			  GError **error)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { packer->buffer, sizeof(packer->buffer), 0 };
		left = ZSTD_compressStream2(packer->zstd, &out, &in,
					    is_last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return os_fail(error, TUNE_ERROR_IO, "zstd: %s", ZSTD_getErrorName(left));
		if (!wire_write(packer->wire, packer->buffer, out.pos, error))
			return FALSE;
	} while (is_last ? left > 0 : in.pos < in.size);
	return TRUE;
}

static const char *unpack_zstd(Unpacker *unpacker, ZSTD_inBuffer *in, ZSTD_outBuffer *out)
{
	size_t left = ZSTD_decompressStream(unpacker->zstd, out, in);

	unpacker->has_ended = left == 0;
	return ZSTD_isError(left) ? ZSTD_getErrorName(left) : NULL;
}

/* ---- the table ---- */

static const PackingKind kinds[] = {
	[PACKING_NONE] = { "none", pack_nothing, unpack_nothing },
	[PACKING_GZIP] = { "gzip", pack_gzip, unpack_gzip },
	[PACKING_ZSTD] = { "zstd", pack_zstd, unpack_zstd },
};

gboolean packing_find(const char *name, Packing *packing)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*packing = (Packing)i;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean packing_is_known(guint32 number)
{
	return number < G_N_ELEMENTS(kinds);
}

/* ---- packing ---- */

Packer *packer_new(Packing packing, Wire *wire)
{
	Packer *packer = g_new0(Packer, 1);

	packer->kind = &kinds[packing];
	packer->wire = wire;
	packer->zstd = ZSTD_createCStream();
	ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_checksumFlag, 1);
	deflateInit2(&packer->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY);
	return packer;
}

void packer_free(Packer *packer)
{
	if (!packer)
		return;
	ZSTD_freeCStream(packer->zstd);
	deflateEnd(&packer->gzip);
	g_free(packer);
}

gboolean packer_write(Packer *packer, const void *data, gsize size, GError **error)
{
	return packer->kind->pack(packer, data, size, FALSE, error);
}

gboolean packer_end(Packer *packer, GError **error)
{
	return packer->kind->pack(packer, NULL, 0, TRUE, error);
}

/* ---- unpacking ---- */

Unpacker *unpacker_new(Packing packing, Wire *wire)
{
	Unpacker *unpacker = g_new0(Unpacker, 1);

	unpacker->kind = &kinds[packing];
	unpacker->wire = wire;
	unpacker->zstd = ZSTD_createDStream();
	ZSTD_DCtx_setParameter(unpacker->zstd, ZSTD_d_windowLogMax, ZSTD_LARGEST_WINDOW);
	inflateInit2(&unpacker->gzip, GZIP_WINDOW);
	return unpacker;
}

void unpacker_free(Unpacker *unpacker)
{
	if (!unpacker)
		return;
	ZSTD_freeDStream(unpacker->zstd);
	inflateEnd(&unpacker->gzip);
	g_free(unpacker);
}

static gboolean fail_short(Unpacker *unpacker, GError **error)
{
	return os_fail(error, TUNE_ERROR_INVALID,
		       "stream ends too early, after %" G_GUINT64_FORMAT " bytes",
		       wire_count(unpacker->wire));
}

/* One step.  At the end of the wire, the unpacker may still have data to write. */
static gboolean unpack_some(Unpacker *unpacker, ZSTD_outBuffer *out, GError **error)
{
	ZSTD_inBuffer in = { 0 };

	if (!wire_fill(unpacker->wire, 1, error))
		return FALSE;
	in.src = wire_look(unpacker->wire, &in.size);
	gsize before = out->pos;
	const char *fault = unpacker->kind->unpack(unpacker, &in, out);
	if (fault)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "stream is damaged near byte %" G_GUINT64_FORMAT ": %s: %s",
			       wire_count(unpacker->wire), unpacker->kind->name, fault);
	wire_take(unpacker->wire, in.pos);
	if (in.size == 0 && out->pos == before && !unpacker->has_ended)
		return fail_short(unpacker, error);
	return TRUE;
}

gboolean unpacker_read(Unpacker *unpacker, void *data, gsize size, gsize *n_bytes, GError **error)
{
	gsize done = 0;

	while (done < size && !unpacker->has_ended) {
		ZSTD_outBuffer out = { (guint8 *)data + done, size - done, 0 };
		if (!unpack_some(unpacker, &out, error))
			return FALSE;
		done += out.pos;
	}
	*n_bytes = done;
	return TRUE;
}

void unpacker_restart(Unpacker *unpacker)
{
	unpacker->has_ended = FALSE;
	inflateReset(&unpacker->gzip);
}

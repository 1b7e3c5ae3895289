/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_craft - sound files that nobody records: every field that tells a
 * length, a rate or a number of channels says what it should not.
 *
 *	tool_craft OUT
 *
 * writes them into the folder OUT, for hostile.sh. A name begins with what
 * must become of the file: "no-" refused, "yes-" admitted, "any-" either.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES_MAX (8 << 20)
#define SOUND_BYTES 16000 /* half a second at 16 kHz */

static unsigned char data[BYTES_MAX];
static size_t n;
static const char *folder;

static void
bytes(const void *p, size_t size)
{
	if (n + size > BYTES_MAX)
		abort();
	memcpy(data + n, p, size);
	n += size;
}

static void
text(const char *s)
{
	bytes(s, strlen(s));
}

static void
little(uint64_t v, int size)
{
	for (int i = 0; i < size; i++)
		data[n++] = (unsigned char)(v >> 8 * i);
}

static void
big(uint64_t v, int size)
{
	for (int i = size; i > 0; i--)
		data[n++] = (unsigned char)(v >> 8 * (i - 1));
}

/* A tone, near enough, in 16 bits. */
static void
sound(size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		little((uint64_t)((int)(i * 37 % 20000) - 10000), 2);
}

__attribute__((format(printf, 1, 2))) static void
end(const char *fmt, ...)
{
	char name[256];
	char path[4096];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
	n = 0;
}

/* WAV --------------------------------------------------------------------- */

struct wav {
	const char *name; /* the verdict and the case */
	uint32_t riff; /* what the header says... */
	uint32_t fmt;
	uint16_t tag;
	uint16_t channels;
	uint32_t rate;
	uint16_t align;
	uint16_t bits;
	uint32_t size;
};

static void
riff(const char *magic, uint32_t size)
{
	text(magic);
	little(size, 4);
	text("WAVE");
}

static void
fmt_chunk(const struct wav *w)
{
	text("fmt ");
	little(w->fmt, 4);
	little(w->tag, 2);
	little(w->channels, 2);
	little(w->rate, 4);
	little((uint64_t)w->rate * w->align, 4);
	little(w->align, 2);
	little(w->bits, 2);
}

static void
data_chunk(uint32_t size)
{
	text("data");
	little(size, 4);
	sound(SOUND_BYTES);
}

static void
write_wav(const struct wav *w)
{
	riff("RIFF", w->riff);
	fmt_chunk(w);
	data_chunk(w->size);
	end("%s.wav", w->name);
}

static struct wav
plain(const char *name)
{
	return (struct wav){ name, 36 + SOUND_BYTES, 16, 1, 1, 16000, 2, 16,
		SOUND_BYTES };
}

static void
wav_rates(void)
{
	static const uint32_t rates[] = { 0, 1, 2, 7, 100, 999, 1000000,
		0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };

	for (size_t i = 0; i < COUNT(rates); i++) {
		char name[64];
		struct wav w = plain(name);

		snprintf(name, sizeof(name), "no-wav-rate-%u", rates[i]);
		w.rate = rates[i];
		write_wav(&w);
	}
}

static void
wav_channels(void)
{
	static const uint16_t channels[] = { 0, 3, 4, 5, 6, 7, 8, 9, 16, 255,
		256, 1024, 1025, 32768, 65535 };

	for (size_t i = 0; i < COUNT(channels); i++) {
		char name[64];
		struct wav w = plain(name);

		snprintf(name, sizeof(name), "no-wav-channels-%u", channels[i]);
		w.channels = channels[i];
		w.align = (uint16_t)(2 * channels[i]);
		write_wav(&w);
		snprintf(name, sizeof(name), "no-wav-channels-%u-align-2",
		    channels[i]);
		w.align = 2;
		write_wav(&w);
	}
}

static void
wav_bits(void)
{
	static const uint16_t bits[] = { 0, 1, 4, 7, 12, 31, 33, 64, 255,
		65535 };
	static const uint16_t aligns[] = { 0, 1, 3, 255, 65535 };
	static const uint16_t tags[] = { 0, 2, 3, 6, 7, 0x11, 0x31, 0x50, 0x55,
		0x161, 0xfffe, 0xffff };
	char name[64];
	struct wav w;

	for (size_t i = 0; i < COUNT(bits); i++) {
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-bits-%u", bits[i]);
		w.bits = bits[i];
		write_wav(&w);
	}
	for (size_t i = 0; i < COUNT(aligns); i++) {
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-align-%u", aligns[i]);
		w.align = aligns[i];
		write_wav(&w);
	}
	for (size_t i = 0; i < COUNT(tags); i++) {
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-tag-%u", tags[i]);
		w.tag = tags[i];
		write_wav(&w);
	}
}

static void
wav_sizes(void)
{
	static const uint32_t sizes[] = { 0, 1, 3, SOUND_BYTES - 1,
		SOUND_BYTES + 1, 0x7fffffff, 0x80000000, 0xfffffffe,
		0xffffffff };
	char name[64];
	struct wav w;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-data-%u", sizes[i]);
		w.size = sizes[i];
		write_wav(&w);
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-riff-%u", sizes[i]);
		w.riff = sizes[i];
		write_wav(&w);
		w = plain(name);
		snprintf(name, sizeof(name), "any-wav-fmt-%u", sizes[i]);
		w.fmt = sizes[i];
		write_wav(&w);
	}
	w = plain("yes-wav");
	write_wav(&w);
	w = plain("no-wav-more-said-than-there-is");
	w.size = 10 * SOUND_BYTES;
	w.riff = w.size + 36;
	write_wav(&w);
}

static void
wav_chunks(void)
{
	static const char *const chunks[] = { "LIST", "bext", "cart", "smpl",
		"inst", "cue ", "fact", "PEAK", "id3 ", "PAD ", "afsp", "iXML",
		"\0\0\0\0", "\xff\xff\xff\xff" };
	static const uint32_t sizes[] = { 0, 3, 0x7fffffff, 0xffffffff };
	const struct wav w = plain("");

	for (size_t i = 0; i < COUNT(chunks); i++)
		for (size_t k = 0; k < COUNT(sizes); k++) {
			riff("RIFF", 400 + SOUND_BYTES);
			fmt_chunk(&w);
			bytes(chunks[i], 4);
			little(sizes[k], 4);
			for (int j = 0; j < 90; j++)
				little(0xffffffff, 4);
			data_chunk(SOUND_BYTES);
			end("any-wav-chunk-%zu-%u.wav", i, sizes[k]);
		}
}

static void
wav_orders(void)
{
	const struct wav w = plain("");
	struct wav stereo = plain("");

	stereo.channels = 2;
	stereo.align = 4;
	riff("RIFF", 36 + SOUND_BYTES);
	data_chunk(SOUND_BYTES);
	fmt_chunk(&w);
	end("no-wav-fmt-after-data.wav");
	riff("RIFF", 36 + SOUND_BYTES);
	data_chunk(SOUND_BYTES);
	end("no-wav-without-fmt.wav");
	riff("RIFF", 60 + SOUND_BYTES);
	fmt_chunk(&w);
	fmt_chunk(&stereo);
	data_chunk(SOUND_BYTES);
	end("any-wav-two-fmts.wav");
	riff("RIFF", 36 + 3 * SOUND_BYTES);
	fmt_chunk(&w);
	data_chunk(SOUND_BYTES);
	data_chunk(SOUND_BYTES);
	end("any-wav-two-datas.wav");
	riff("RIFF", 0xffffffff);
	for (int i = 0; i < 100000; i++) {
		text("LIST");
		little(0, 4);
	}
	end("no-wav-100000-empty-chunks.wav");
	riff("RIFF", 0xffffffff);
	fmt_chunk(&w);
	for (int i = 0; i < 2000; i++) {
		text("LIST");
		little(12 * (uint64_t)(2000 - i), 4);
		text("adtl");
	}
	data_chunk(SOUND_BYTES);
	end("any-wav-2000-lists-in-lists.wav");
	riff("RIFF", 0);
	end("no-wav-head-alone.wav");
	text("RIFF");
	end("no-riff-alone.wav");
}

static void
wav_large(void)
{
	static const uint64_t sizes[] = { 0, INT64_MAX, UINT64_MAX,
		UINT64_C(1) << 62, UINT64_C(1) << 32 };
	const struct wav w = plain("");

	for (size_t i = 0; i < COUNT(sizes); i++) {
		riff("RF64", 0xffffffff);
		text("ds64");
		little(28, 4);
		little(sizes[i], 8);
		little(sizes[i], 8);
		little(sizes[i], 8);
		little(i == 1 ? 0xffffffff : 0, 4);
		fmt_chunk(&w);
		data_chunk(0xffffffff);
		end("any-rf64-%zu.wav", i);
	}
	riff("RF64", 0xffffffff);
	fmt_chunk(&w);
	data_chunk(0xffffffff);
	end("any-rf64-without-ds64.wav");
}

/* Float samples that no converter expects. */
static void
wav_floats(void)
{
	static const uint32_t odd[] = { 0x7fc00000, 0xff800000, 0x7f800000,
		0x7f7fffff, 0x00000001, 0x80000000 };
	struct wav w = plain("");

	w.tag = 3;
	w.bits = 32;
	w.align = 4;
	for (size_t i = 0; i <= COUNT(odd); i++) {
		riff("RIFF", 36 + SOUND_BYTES);
		fmt_chunk(&w);
		text("data");
		little(SOUND_BYTES, 4);
		for (size_t k = 0; k < SOUND_BYTES / 4; k++)
			little(odd[i < COUNT(odd) ? i : k % COUNT(odd)], 4);
		end("yes-wav-floats-%zu.wav", i);
	}
}

/* Others ------------------------------------------------------------------ */

static void
flac_head(uint32_t rate, int channels, int bits, uint64_t frames)
{
	text("fLaC");
	big(34, 4); /* STREAMINFO, not the last */
	big(4096, 2);
	big(4096, 2);
	big(0, 6);
	big((uint64_t)rate << 44 | (uint64_t)(channels - 1) << 41 |
		(uint64_t)(bits - 1) << 36 | frames,
	    8);
	for (int i = 0; i < 16; i++)
		data[n++] = 0;
}

static void
flac_files(void)
{
	static const struct {
		const char *name;
		uint32_t rate;
		int channels;
		int bits;
		uint64_t frames;
	} heads[] = {
		{ "rate-0", 0, 1, 16, 48000 },
		{ "rate-1", 1, 1, 16, 48000 },
		{ "rate-1048575", 1048575, 1, 16, 48000 },
		{ "channels-8", 48000, 8, 16, 48000 },
		{ "bits-4", 48000, 2, 4, 48000 },
		{ "bits-32", 48000, 2, 32, 48000 },
		{ "endless", 48000, 2, 16, 0xfffffffff },
		{ "nothing", 48000, 2, 16, 0 },
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		flac_head(heads[i].rate, heads[i].channels, heads[i].bits,
		    heads[i].frames);
		big(0x81000000, 4); /* the last: no padding */
		for (int k = 0; k < 500; k++)
			big(0xfff8c9a8, 4);
		end("no-flac-%s.flac", heads[i].name);
	}
	for (int type = 1; type < 8; type++) {
		flac_head(48000, 1, 16, 48000);
		big(0x80ffffff | (uint64_t)type << 24, 4);
		for (int k = 0; k < 5000; k++)
			big(0xffffffff, 4);
		end("no-flac-block-%d-of-16-mb.flac", type);
	}
	flac_head(48000, 1, 16, 48000);
	for (int k = 0; k < 500000; k++)
		big(0x01000000, 4);
	end("no-flac-500000-blocks.flac");
}

static void
id3(uint32_t size, int flags)
{
	text("ID3");
	big(4, 1);
	big(0, 1);
	big((uint64_t)flags, 1);
	for (int i = 3; i >= 0; i--)
		big(size >> 7 * i & 0x7f, 1);
}

/* Frames of MPEG-1 layer III, 44.1 kHz, 128 kbit/s; b2 changes from one to
 * the next as told. */
static void
mpeg(int frames, uint32_t head, uint32_t flip)
{
	for (int i = 0; i < frames; i++) {
		big(i % 2 == 0 ? head : head ^ flip, 4);
		for (int k = 0; k < 413; k++)
			data[n++] = (unsigned char)(k * i);
	}
}

static void
mp3_files(void)
{
	static const struct {
		const char *name;
		uint32_t flip;
	} flips[] = { { "rates", 0x0c00 & 0x0400 }, { "channels", 0xc0 },
		{ "layers", 0x060000 }, { "versions", 0x080000 },
		{ "bitrates", 0x5000 } };

	for (size_t i = 0; i < COUNT(flips); i++) {
		mpeg(100, 0xfffb9064, flips[i].flip);
		end("any-mp3-%s-that-change.mp3", flips[i].name);
	}
	for (int flags = 0; flags < 0x100; flags += 0x55) {
		id3(0x0fffffff, flags);
		mpeg(50, 0xfffb9064, 0);
		end("any-mp3-id3-of-256-mb-flags-%02x.mp3", (unsigned)flags);
	}
	for (int i = 0; i < 20000; i++)
		id3(0, 0x10);
	mpeg(50, 0xfffb9064, 0);
	end("any-mp3-20000-id3s.mp3");
	id3(100000, 0x40);
	for (int i = 0; i < 10000; i++) {
		text("APIC");
		big(0xffffffff, 4);
		big(0, 2);
	}
	mpeg(50, 0xfffb9064, 0);
	end("any-mp3-id3-frames-of-4-gb.mp3");
	mpeg(50, 0xfffb9064, 0);
	memcpy(data + 36, "Xing\0\0\0\x0f\xff\xff\xff\xff\xff\xff\xff\xff", 16);
	end("any-mp3-xing-of-four-thousand-million-frames.mp3");
	mpeg(50, 0xfffb9064, 0);
	memcpy(data + 36, "Xing\0\0\0\x0f\0\0\0\0\0\0\0\0", 16);
	end("any-mp3-xing-of-nothing.mp3");
	mpeg(50, 0xfffb9064, 0);
	text("APETAGEX");
	little(2000, 4);
	little(0xffffffff, 4);
	little(0xffffffff, 4);
	little(0, 8);
	end("any-mp3-ape-tag-of-4-gb.mp3");
	mpeg(50, 0xfffb0064, 0);
	end("any-mp3-free-format.mp3");
}

/* A page without a right sum: `flags` 2 begins, 4 ends. */
static void
page(int flags, uint64_t granule, uint32_t serial, const void *packet,
    size_t size)
{
	text("OggS");
	big(0, 1);
	big((uint64_t)flags, 1);
	little(granule, 8);
	little(serial, 4);
	little(0, 4);
	little(0, 4);
	big(size / 255 + 1, 1);
	for (size_t i = 0; i < size / 255; i++)
		big(255, 1);
	big(size % 255, 1);
	bytes(packet, size);
}

/* The sums of all pages so far: RFC 3533, 6. */
static void
sums(void)
{
	for (size_t at = 0; at + 27 <= n;) {
		size_t size = 27 + (size_t)data[at + 26];
		uint32_t sum = 0;

		for (size_t i = 0; i < data[at + 26]; i++)
			size += data[at + 27 + i];
		for (size_t i = 0; i < size; i++) {
			sum ^= (uint32_t)data[at + i] << 24;
			for (int b = 0; b < 8; b++)
				sum = sum << 1 ^
				      ((sum >> 31) != 0 ? 0x04c11db7 : 0);
		}
		for (size_t i = 0; i < 4; i++)
			data[at + 22 + i] = (unsigned char)(sum >> 8 * i);
		at += size;
	}
}

static void
opus(int channels, int family, int skip, int gain)
{
	char head[32] = "OpusHead\1";

	head[9] = (char)channels;
	head[10] = (char)skip;
	head[11] = (char)(skip >> 8);
	head[13] = (char)0xbb;
	head[16] = (char)gain;
	head[17] = (char)(gain >> 8);
	head[18] = (char)family;
	page(2, 0, 1, head, family == 0 ? 19 : 30);
	page(0, 0, 1, "OpusTags\0\0\0\0\0\0\0\0", 16);
}

static void
opus_files(void)
{
	static const struct {
		const char *name;
		int channels, family, skip, gain;
	} heads[] = {
		{ "channels-0", 0, 0, 0, 0 },
		{ "channels-255", 255, 255, 0, 0 },
		{ "channels-8", 8, 1, 0, 0 },
		{ "family-2", 1, 2, 0, 0 },
		{ "skip-65535", 1, 0, 65535, 0 },
		{ "gain-32767", 1, 0, 0, 32767 },
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		opus(heads[i].channels, heads[i].family, heads[i].skip,
		    heads[i].gain);
		for (int k = 1; k < 100; k++)
			page(0, (uint64_t)k * 960, 1, "\xf8\xff\xfe", 3);
		page(4, 96000, 1, "\xf8\xff\xfe", 3);
		sums();
		end("any-opus-%s.opus", heads[i].name);
	}
	opus(1, 0, 0, 0);
	page(4, INT64_MAX, 1, "\xf8\xff\xfe", 3);
	sums();
	end("any-opus-granule-2-63.opus");
	opus(1, 0, 0, 0);
	page(4, UINT64_MAX, 1, "\xf8\xff\xfe", 3);
	sums();
	end("any-opus-granule-minus-1.opus");
	opus(1, 0, 0, 0);
	for (int k = 1; k < 100000; k++)
		page(0, (uint64_t)k * 5760, 1, "\xfb\x06\xff\xfe", 4);
	sums();
	end("no-opus-endless.opus");
	opus(1, 0, 0, 0);
	for (int k = 0; k < 200000; k++)
		page(0, 0, 1, "", 0);
	sums();
	end("no-ogg-200000-empty-pages.opus");
	for (uint32_t k = 0; k < 5000; k++)
		page(2, 0, k, "OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0", 19);
	sums();
	end("no-ogg-5000-streams-at-once.opus");
	opus(1, 0, 0, 0);
	for (int k = 0; k < 300; k++) {
		static char huge[255 * 254];

		page(1, UINT64_MAX, 1, huge, sizeof(huge) / 10);
	}
	sums();
	end("any-ogg-packet-without-end.opus");
}

static void
vorbis_files(void)
{
	static const struct {
		const char *name;
		int channels;
		uint32_t rate;
		int sizes;
	} heads[] = {
		{ "channels-0", 0, 48000, 0xb8 },
		{ "channels-255", 255, 48000, 0xb8 },
		{ "rate-0", 1, 0, 0xb8 },
		{ "rate-2-31", 1, 0x80000000, 0xb8 },
		{ "rate-2-32", 1, 0xffffffff, 0xb8 },
		{ "blocks-0", 1, 48000, 0 },
		{ "blocks-15", 1, 48000, 0xff },
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		size_t at;

		page(2, 0, 1, "\x01vorbis_______________________", 30);
		at = n;
		n = 28 + 7;
		little(0, 4);
		big((uint64_t)heads[i].channels, 1);
		little(heads[i].rate, 4);
		little(0, 8);
		little(48000, 4);
		big((uint64_t)heads[i].sizes, 1);
		big(1, 1);
		n = at;
		page(0, 0, 1, "\x03vorbis\xff\xff\xff\xff\xff\xff\xff\xff\1",
		    16);
		page(0, 0, 1,
		    "\x05vorbis\xff"
		    "BCV\1\0\xff\xff\xff",
		    16);
		for (int k = 0; k < 20; k++)
			page(0, (uint64_t)k * 1024, 1, "\0\0\0", 3);
		sums();
		end("no-vorbis-%s.ogg", heads[i].name);
	}
}

/* Boxes (ISO/IEC 14496-12): size, name, and what is in it. */
static void
mp4_files(void)
{
	static const char *const tables[] = { "stts", "stsz", "stco", "stsc",
		"stsd", "elst", "ctts", "co64", "dref", "trun" };

	for (size_t i = 0; i < COUNT(tables); i++) {
		big(20, 4);
		text("ftypM4A isom");
		big(0, 4);
		big(8 * 5 + 100, 4);
		text("moov");
		big(8 * 4 + 100, 4);
		text("trak");
		big(8 * 3 + 100, 4);
		text("mdia");
		big(8 * 2 + 100, 4);
		text("minf");
		big(8 + 100, 4);
		text("stbl");
		big(100, 4);
		text(tables[i]);
		big(0, 4);
		big(0xffffffff, 4);
		for (int k = 0; k < 21; k++)
			big(0x7fffffff, 4);
		end("no-mp4-%s-of-four-thousand-million.m4a", tables[i]);
	}
	big(20, 4);
	text("ftypM4A isom");
	big(0, 4);
	for (int k = 0; k < 10000; k++) {
		big(8 * (uint64_t)(10000 - k), 4);
		text("moov");
	}
	end("no-mp4-10000-moovs-in-moovs.m4a");
	big(20, 4);
	text("ftypM4A isom");
	big(0, 4);
	big(1, 4);
	text("moov");
	big(UINT64_MAX, 8);
	end("no-mp4-moov-of-2-64.m4a");
}

static void
words(const char *name, const char *what)
{
	text(what);
	end("%s", name);
}

/* What a decoder might be talked into following. */
static void
texts(void)
{
	words("no-playlist.m3u", "#EXTM3U\n/etc/passwd\n");
	words("no-m3u-called-mp3.mp3", "/etc/passwd\nhttp://127.0.0.1/x.mp3\n");
	words("no-hls.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
			    "file:///etc/passwd\n#EXT-X-ENDLIST\n");
	words("no-concat.mp4", "ffconcat version 1.0\nfile /etc/passwd\n");
	words("no-sdp.m4a", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n"
			    "c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4 RTP/AVP 0\n");
	words("no-pls.pls", "[playlist]\nFile1=/etc/passwd\nVersion=2\n");
	words("no-xspf.xml", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a "
			     "SYSTEM \"file:///etc/passwd\">]><playlist>&a;"
			     "</playlist>");
	words("no-svg.mp3", "<svg xmlns=\"http://www.w3.org/2000/svg\"><image "
			    "href=\"/etc/passwd\"/></svg>");
	words("no-script.wav", "#!/bin/sh\ntouch /tmp/loaxa-was-run\n");
	words("no-asx.wma", "<ASX version=\"3\"><entry><ref href=\"file:///"
			    "etc/passwd\"/></entry></ASX>");
	words("no-ref-movie.mp4", "RTSPtext\r\nrtsp://127.0.0.1/x\r\n");
	words("no-desktop.mp3", "[Desktop Entry]\nExec=touch /tmp/x\n");
	words("no-amr-of-text.amr", "#!AMR\n");
	words("no-zip.mp3", "PK\x03\x04 and no more");
	words("no-rar.mp3", "Rar!\x1a\x07 and no more");
	words("no-elf.mp3", "\x7f"
			    "ELF\2\1\1 and no more");
	words("no-pdf.mp3", "%PDF-1.7\n%%EOF\n");
	words("no-png.mp3", "\x89PNG\r\n\x1a\n and no more");
	words("no-gif.wav", "GIF89a and no more");
	words("no-one-byte.mp3", "x");
	words("no-space.mp3", " ");
	words("no-aiff.aif", "FORM\xff\xff\xff\xff"
			     "AIFFCOMM\x7f\xff\xff\xff");
	words("no-caf.caf", "caff\0\1\0\0desc");
	words("no-midi.mid", "MThd\xff\xff\xff\xff\xff\xff\xff\xff");
	words(
	    "no-mkv.webm", "\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff");
	words("no-wma.wma", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9");
	words("no-avi.avi", "RIFF\xff\xff\xff\xff"
			    "AVI LIST");
}

/* What is no file at all. */
static void
others(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/no-socket.mp3", folder);
	mknod(path, S_IFSOCK | 0600, 0);
	snprintf(path, sizeof(path), "%s/no-fifo.mp3", folder);
	mkfifo(path, 0600);
	snprintf(path, sizeof(path), "%s/no-folder.mp3", folder);
	mkdir(path, 0700);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "tool_craft OUT\n");
		return 2;
	}
	folder = argv[1];
	wav_rates();
	wav_channels();
	wav_bits();
	wav_sizes();
	wav_chunks();
	wav_orders();
	wav_large();
	wav_floats();
	flac_files();
	mp3_files();
	opus_files();
	vorbis_files();
	mp4_files();
	texts();
	others();
	return 0;
}

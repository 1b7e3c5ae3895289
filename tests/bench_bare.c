/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_bare DRIVER DEVICE FILE - plays a sound file by libsndfile and libao in
 * the shortest loop there is: what bench_cpu.sh compares ours with. It checks
 * no hash, keeps no time, writes no log and stops for nobody.
 */
#include <ao/ao.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 960 /* frames: 20 ms, as our player's */
#define BUFFER_MS "200"

static ao_device *
open_device(const char *driver, const char *device, const SF_INFO *info)
{
	ao_sample_format format = {
		.bits = 16,
		.rate = info->samplerate,
		.channels = info->channels,
		.byte_format = AO_FMT_NATIVE,
	};
	ao_option *options = NULL;
	ao_device *ao;

	ao_initialize();
	ao_append_option(&options, "dev", device);
	ao_append_option(&options, "buffer_time", BUFFER_MS);
	ao = ao_open_live(ao_driver_id(driver), &format, options);
	ao_free_options(options);
	return ao;
}

int
main(int argc, char **argv)
{
	SF_INFO info = { 0 };
	SNDFILE *snd = argc == 4 ? sf_open(argv[3], SFM_READ, &info) : NULL;
	ao_device *ao =
	    snd == NULL ? NULL : open_device(argv[1], argv[2], &info);
	sf_count_t n;
	short *pcm;

	if (ao == NULL) {
		fprintf(stderr, "usage: bench_bare DRIVER DEVICE FILE\n");
		return 64;
	}
	pcm = calloc((size_t)(BLOCK * info.channels), sizeof(*pcm));
	while (pcm != NULL && (n = sf_readf_short(snd, pcm, BLOCK)) > 0)
		if (ao_play(ao, (char *)pcm,
			(uint_32)((size_t)(n * info.channels) *
				  sizeof(*pcm))) == 0)
			return 1;
	ao_close(ao);
	ao_shutdown();
	sf_close(snd);
	free(pcm);
	return 0;
}

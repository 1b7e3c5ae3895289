# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs are explained by `make help`.

MAKEFLAGS += -j$(shell nproc)

B       = build
ROOT    = .
VERSION = 0.1.0
PREFIX  = /usr
DESTDIR =
V       =
say     = $(if $(V),,@echo '  $(1)';)# make V=1 shows the commands whole
CC      = gcc
CFLAGS  = -O2 -g
SAN     = -fsanitize=address,undefined -fno-sanitize-recover=all
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wpointer-arith -Wswitch-enum -Wvla -Wformat=2
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DLOAXA_VERSION='"$(VERSION)"' \
	  -DLOAXA_LIBEXEC='"$(PREFIX)/libexec/loaxa"' \
	  -I. -MMD -MP $(WARN) $(CFLAGS)
LIBS    = -Wl,--as-needed -lconfig -lcsv -ljansson -lcrypto -lsodium -ldeflate -lunistring \
	  -lsystemd -lsndfile -lao -lebur128 -lsoxr -lseccomp -lsqlite3 -lcurl -lmicrohttpd -larchive -lpangocairo-1.0 -lpango-1.0 \
	  -lgobject-2.0 -lglib-2.0 -lxlsxwriter -lcairo -lm

# Debian packages: what building and running take, what the tests and the demo
# take besides, what lint takes besides.
BUILD_PACKAGES = libc6-dev libao-dev libsndfile1-dev libconfig-dev \
	  libcsv-dev libjansson-dev libssl-dev libsodium-dev libdeflate-dev libunistring-dev libsystemd-dev \
	  libsqlite3-dev libpq-dev libcurl4-openssl-dev libmicrohttpd-dev libarchive-dev libcairo2-dev libpango1.0-dev libxlsxwriter-dev libebur128-dev libsoxr-dev libseccomp-dev gettext \
	  tzdata
TEST_PACKAGES = libcmocka-dev espeak-ng sox ffmpeg flac vorbis-tools opus-tools lame \
	  pulseaudio pulseaudio-utils libasound2 libasound2-plugins \
	  alsa-utils ffmpeg icecast2 poppler-utils strace mandoc systemd openssl python3 curl \
	  postgresql $(DEB_PACKAGES)
CHAOS_PACKAGES = qemu-system-common qemu-utils fuse3 e2fsprogs clang \
	  libclang-rt-dev
BENCH_PACKAGES = libsox-fmt-pulse mpg123 mpd mpc liquidsoap stress-ng valgrind
DEB_PACKAGES = dpkg-dev
LINT_PACKAGES = clang-format cppcheck shellcheck mandoc

# ctuuninitvar takes every buffer that snprintf() fills for a mistake; SC2317
# does not see that a trap calls a function.
CPPCHECK = --std=c11 -I. --include=/usr/include/jansson.h -D_GNU_SOURCE \
	  --enable=warning,portability \
	  --inline-suppr --suppress=ctuuninitvar --error-exitcode=1

# A module is a .c with its .h and its test; a main is a .c alone.
MAINS   = scheduler/loaxad playout/loaxa-player playout/loaxa-source ctl/loaxa ctl/loaxa-fetch ctl/loaxa-push ctl/loaxa-receive
ROOMS   = base scheduler intake playout evidence ctl
SOURCES = $(wildcard $(ROOMS:=/*.c))
HEADERS = $(wildcard $(ROOMS:=/*.h))
MODULES = $(filter-out $(MAINS:=.c),$(SOURCES))
TESTS   = $(basename $(notdir $(wildcard tests/test_*.c)))
BENCHES = $(basename $(notdir $(wildcard tests/bench_*.c)))
TOOLS   = $(basename $(notdir $(wildcard tests/tool_*.c)))
FAKES   = $(wildcard tests/fakes/*.c)
SHIMS   = $(basename $(notdir $(wildcard tests/shim_*.c)))
# The longest first.
LONGEST = tests/onair.sh tests/check_kill.sh tests/check_two.sh
SCRIPTS = $(LONGEST) $(filter-out $(LONGEST),$(wildcard tests/check_*.sh))
FUZZERS = $(basename $(notdir $(wildcard tests/fuzz_*.c)))
CHAOS_SCRIPTS = $(wildcard tests/chaos_*.sh)
ALL_C   = $(SOURCES) $(HEADERS) $(wildcard tests/*.c tests/*.h tests/fakes/*)
ALL_SH  = $(wildcard tests/*.sh tests/*/*.sh etc/*.sh etc/hooks/*.sh etc/deb/*.sh etc/deb/p* audio/*.sh) .ci/run

PROGRAMS = $(addprefix $(B)/,$(notdir $(MAINS)))
LIB     = $(B)/libloaxa.a
MO      = $(B)/po/vi/LC_MESSAGES/loaxa.mo

# Which packages this call of make needs, by what it was asked for.
asked   = $(filter $(1),$(MAKECMDGOALS))
PACKAGES = $(BUILD_PACKAGES) \
	  $(if $(call asked,check san tests demo audio bench scale deps),$(TEST_PACKAGES)) \
	  $(if $(call asked,chaos fuzzers),$(TEST_PACKAGES) $(CHAOS_PACKAGES)) \
	  $(if $(call asked,deb),$(DEB_PACKAGES)) \
	  $(if $(call asked,lint),$(TEST_PACKAGES) $(LINT_PACKAGES))

all: $(PROGRAMS) $(MO)	## build the programs into build/

help:	## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1:/p' Makefile | \
	    awk -F: '{ printf "%-19s%s\n", $$1, $$2 }'

check: all tests imports	## run every test; the last line counts them
	@B=$(B) sh tests/run.sh $(TESTS:%=$(B)/tests/%) $(SCRIPTS)

san:	## the same tests under the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory check B=build-san CFLAGS="-O1 -g $(SAN)"

san-built:	## what `make san` needs, built and not run
	@$(MAKE) --no-print-directory all tests B=build-san \
	    CFLAGS="-O1 -g $(SAN)"

chaos: all tests	## faults by the hundred, some minutes; CHAOS=whole takes hours
	@B=$(B) sh tests/chaos.sh $(CHAOS_SCRIPTS)

lint: imports needs	## style, static analysis, shell scripts and manual pages
	$(call say,clang-format)clang-format --dry-run --Werror $(ALL_C)
	$(MAKE) --no-print-directory all tests B=build-lint \
	    WARN="$(WARN) -Werror"
	$(call say,cppcheck)cppcheck -q $(CPPCHECK) $(filter %.c,$(ALL_C))
	$(call say,shellcheck)shellcheck -x -e SC2317 $(ALL_SH) etc/completion/*
	$(call say,mandoc)mandoc -T lint -W warning $(wildcard man/*.?)

imports:	## which room may read which
	@awk -f imports.awk $(SOURCES) $(HEADERS)

demo: all	## a minute on the air of Que Minh, in build/demo
	@sh etc/demo.sh $(B)

kien-giang: all $(B)/tests/tool_life $(B)/tests/shim_clock.so	## fifteen stations and their province, in build/kien-giang
	@rm -rf $(B)/kien-giang
	@B=$(B) sh tests/kien-giang/province.sh $(B)/kien-giang

audio: all	## speak, admit and approve the library (ROOT=folder)
	@sh audio/make-audio.sh $(B) $(ROOT)

bench: all tests bench-deps	## speed and size against their bars, and beside other programs
	@sh tests/bench.sh $(B)

scale: all tests	## a tenth of the country in PostgreSQL, killed a hundred times, and its year
	@B=$(B) sh tests/scale.sh

bench-deps:	## install those other programs
	@sh etc/packages.sh $(BENCH_PACKAGES)

deps: needs	## install the Debian packages that are missing

fuzzers: needs	## libFuzzer's programs, into build-fuzz/
	@$(MAKE) --no-print-directory B=build-fuzz CC=clang \
	    WARN= CFLAGS="-O1 -g $(SAN) -fsanitize=fuzzer-no-link" \
	    $(FUZZERS:%=build-fuzz/tests/%)

words:	## bring po/vi.po up to date with the sources
	@mkdir -p $(B)/po
	xgettext --from-code=UTF-8 -k_ -kN_ --sort-by-file --add-location=file \
	    --package-name=loaxa -o $(B)/po/loaxa.pot $(SOURCES)
	msgmerge -q --update --backup=none --no-wrap po/vi.po $(B)/po/loaxa.pot

install: all	## into DESTDIR and PREFIX; units and folders: loaxad(8)
	install -D -t $(DESTDIR)$(PREFIX)/bin $(B)/loaxa
	install -D -t $(DESTDIR)$(PREFIX)/sbin $(B)/loaxad
	install -D -t $(DESTDIR)$(PREFIX)/libexec/loaxa \
	    $(B)/loaxa-player $(B)/loaxa-source $(B)/loaxa-fetch \
	    $(B)/loaxa-push $(B)/loaxa-receive
	install -D -m 644 $(MO) \
	    $(DESTDIR)$(PREFIX)/share/locale/vi/LC_MESSAGES/loaxa.mo
	for page in $(wildcard man/*.?); do install -D -m 644 -t \
	    $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; done
	install -D -m 644 etc/completion/loaxa.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/loaxa
	for kind in sysusers.d tmpfiles.d; do install -D -m 644 -t \
	    $(DESTDIR)$(PREFIX)/lib/$$kind etc/$$kind/loaxa.conf; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in $(notdir $(wildcard etc/systemd/*.*)); do \
	    sed 's,/usr/s\?bin/loaxa,$(PREFIX)&,; s,$(PREFIX)/usr/,$(PREFIX)/,' \
	    etc/systemd/$$unit >$(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; \
	    done
	install -D -m 644 -t $(DESTDIR)/etc/loaxa/profiles etc/profiles/*
	[ -e $(DESTDIR)/etc/loaxa/loaxa.conf ] || install -m 644 \
	    etc/installed.conf $(DESTDIR)/etc/loaxa/loaxa.conf
	install -d $(DESTDIR)$(PREFIX)/share/doc/loaxa/etc
	cp -R --no-preserve=mode README.md LICENSE schedules \
	    $(DESTDIR)$(PREFIX)/share/doc/loaxa
	cp --no-preserve=mode etc/*.conf etc/units.cfg $(DESTDIR)$(PREFIX)/share/doc/loaxa/etc
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/loaxa/etc/hooks etc/hooks/*

deb: all	## a Debian package, in build/
	+@sh etc/deb/make.sh $(B) $(VERSION)

clean:	## remove what was built
	rm -rf build build-san build-lint build-fuzz

tests: $(addprefix $(B)/tests/,$(TESTS) $(TOOLS) $(BENCHES) $(SHIMS:=.so))

needs:
	@sh etc/packages.sh $(PACKAGES)

$(B)/obj/%.o: %.c Makefile | needs
	@mkdir -p $(@D)
	$(call say,CC $<)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# What pango's headers want to be found by; as the system's, whose warnings are
# not ours.
$(B)/obj/ctl/page.o: ALL_CFLAGS += $$(pkg-config --cflags-only-I pangocairo | \
	sed 's/-I/-isystem /g')

# Arithmetic on every sample that sounds.
$(B)/obj/playout/pcm.o: ALL_CFLAGS += -O3 -fno-trapping-math \
	-ffinite-math-only -fno-signed-zeros

$(LIB): $(MODULES:%.c=$(B)/obj/%.o)
	@rm -f $@
	$(call say,AR $@)ar rcs $@ $^

define main_rule
$(B)/$(notdir $(1)): $(B)/obj/$(1).o $(LIB)
	$$(call say,LINK $$@)$(CC) $(CFLAGS) $$(EXPORT) -o $$@ $$^ $(LIBS)
endef
$(foreach m,$(MAINS),$(eval $(call main_rule,$(m))))
# What PulseAudio's library is to find in the player: see pulse_pin.h, pulse_time.h.
$(B)/loaxa-player $(B)/loaxa: EXPORT = \
	-Wl,--export-dynamic-symbol=pa_stream_connect_playback \
	-Wl,--export-dynamic-symbol=pa_stream_set_latency_update_callback

$(B)/tests/%: $(B)/obj/tests/%.o $(FAKES:%.c=$(B)/obj/%.o) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK $@)$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) \
	    $(filter %.a,$^) $(LIBS) -lcmocka

# The real program, but for its walls.
$(B)/tests/bench_source: $(B)/obj/playout/loaxa-source.o

# Preloaded into a program: without sanitizers, which want to come first.
$(B)/tests/%.so: tests/%.c | needs
	@mkdir -p $(@D)
	$(call say,LINK $@)$(CC) -std=gnu11 -D_GNU_SOURCE -I. -O2 -g $(WARN) \
	    -shared -fPIC -o $@ $<

$(B)/tests/fuzz_%: $(B)/obj/tests/fuzz_%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK $@)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(MO): po/vi.po | needs
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

-include $(SOURCES:%.c=$(B)/obj/%.d) $(FAKES:%.c=$(B)/obj/%.d)
-include $(patsubst %,$(B)/obj/tests/%.d,$(TESTS) $(TOOLS) $(BENCHES) $(FUZZERS))
.SECONDARY:
.PHONY: all help check san chaos lint imports demo kien-giang audio bench scale deps words install
.PHONY: deb san-built fuzzers clean tests needs bench-deps

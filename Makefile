# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs are explained by `make help`.

B       = build
VERSION = 0.1.0
PREFIX  = /usr
DESTDIR =
CC      = gcc
CFLAGS  = -O2 -g
SAN     = -fsanitize=address,undefined -fno-sanitize-recover=all
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wpointer-arith -Wswitch-enum -Wvla -Wformat=2
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DLOAXA_VERSION='"$(VERSION)"' \
	  -I. -MMD $(WARN) $(CFLAGS)
LIBS    = -Wl,--as-needed -lconfig -ljansson -lcrypto -lunistring -lsystemd \
	  -lsndfile -lao -lebur128 -lsoxr -lseccomp -lsqlite3 -lm

# A module is a .c with its .h and its test; a main is a .c alone.
MAINS   = scheduler/loaxad playout/loaxa-player playout/loaxa-source ctl/loaxa
ROOMS   = base scheduler intake playout evidence ctl
SOURCES = $(wildcard $(ROOMS:=/*.c))
HEADERS = $(wildcard $(ROOMS:=/*.h))
MODULES = $(filter-out $(MAINS:=.c),$(SOURCES))
TESTS   = $(basename $(notdir $(wildcard tests/test_*.c)))
FAKES   = $(wildcard tests/fakes/*.c)
SCRIPTS = $(wildcard tests/check_*.sh)

PROGRAMS = $(addprefix $(B)/,$(notdir $(MAINS)))
LIB     = $(B)/libloaxa.a
MO      = $(B)/po/vi/LC_MESSAGES/loaxa.mo

all: $(PROGRAMS) $(MO)

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(LIB): $(MODULES:%.c=$(B)/obj/%.o)
	@rm -f $@
	ar rcs $@ $^

define main_rule
$(B)/$(notdir $(1)): $(B)/obj/$(1).o $(LIB)
	$(CC) $(CFLAGS) -o $$@ $$^ $(LIBS)
endef
$(foreach m,$(MAINS),$(eval $(call main_rule,$(m))))

$(B)/tests/%: $(B)/obj/tests/%.o $(FAKES:%.c=$(B)/obj/%.o) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(MO): po/vi.po
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

-include $(SOURCES:%.c=$(B)/obj/%.d) $(TESTS:%=$(B)/obj/tests/%.d) $(FAKES:%.c=$(B)/obj/%.d)
.SECONDARY:
.PHONY: all

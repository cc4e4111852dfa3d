# Makefile: builds Gardefou and runs its checks. Sources are found by folder; logic is in tools/*.sh.
#   make            build/release/gardefou        make check      lint, layers, format, words, unit tests
#   make demo       demo data and a server        make test       everything, with HTTP and browser tests
#   make unit [T=folder | T=folder/file | T=name] PROFILE=dev|release chooses the flags
# SPDX-License-Identifier: GPL-3.0-or-later

PROFILE ?= release
B := build/$(PROFILE)
G := build/gen
MAKEFLAGS += --no-builtin-rules
# All cores, unless this is part of a larger make or a number was asked for.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS))$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- what the system must have (a quick look when all is there) ----
NO_DEPS := clean fmt fmt-check lint layers new-module
ifneq ($(filter-out $(NO_DEPS),$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell tools/deps.sh build >&2 && echo ok),ok)
$(error packages are missing, see above)
endif
endif

# ---- flags ----
CC := gcc
PKGS := libcurl ldap lber libmicrohttpd jansson sqlite3 libpq libsodium gnutls libqrencode icu-uc icu-i18n libzip expat zlib
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
WARN := -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wconversion -Wsign-conversion -Wvla -Wformat=2 -Werror
CFLAGS_dev := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_dev := -fsanitize=address,undefined
CFLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
override CFLAGS := -std=gnu17 -pthread -fvisibility=hidden $(WARN) $(CFLAGS_$(PROFILE)) \
	-Isrc -I$(G) -I. $(PKG_CFLAGS) $(CFLAGS)
override LDFLAGS := -pthread $(LDFLAGS_$(PROFILE)) $(LDFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lxlsxwriter -lcsv -luchardet \
	-lcmark-gfm-extensions -lcmark-gfm -lm

# ---- files ----
SRC := $(shell find src -name '*.c' ! -name 'test_*.c' | LC_ALL=C sort)
TPL := $(sort $(wildcard ui/blocks/*.html))
TPL_C := $(TPL:ui/blocks/%.html=$(G)/tpl_%.c)
TPL_STAMP := $(if $(TPL),$(G)/tpl.stamp)
GEN_SRC := $(G)/modules.c $(G)/maps.c $(G)/lang.c $(G)/assets.c $(TPL_C)
obj = $(patsubst %,$(B)/%.o,$(basename $(1)))
OBJ := $(call obj,$(SRC) $(GEN_SRC) $(G)/assets_data.S)

all: $(B)/gardefou
$(B)/gardefou: $(OBJ) $(B)/files.stamp
	$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

# Stamps change only when their text changes: flags, and the list of files (added, removed).
FORCE:
$(B)/flags.stamp: FORCE
	@tools/stamp.sh $@ '$(subst ','\'',$(CC) $(CFLAGS) / $(LDFLAGS) $(LIBS))'
$(B)/files.stamp: FORCE
	@tools/stamp.sh $@ '$(OBJ)'

# Generated headers must be there before a file that includes one is compiled.
$(B)/%.o: %.c $(B)/flags.stamp | $(TPL_STAMP)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC $<' &&) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/%.o: %.S $(B)/flags.stamp
	@mkdir -p $(@D)
	$(CC) -c -o $@ $<

# ---- generators ----
build/tools/%: tools/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O1 -g $(WARN) $(PKG_CFLAGS) -o $@ $< -lsodium -lz
$(G)/tpl.stamp: build/tools/tplc $(TPL) tools/stamp.sh $(B)/files.stamp
	@mkdir -p $(G)
	build/tools/tplc $(G) $(TPL)
	@touch $@
$(TPL_C): $(TPL_STAMP) ;
$(G)/modules.c: FORCE
	@tools/modules.sh $@
$(G)/maps.c: FORCE
	@tools/maps.sh $@
$(G)/lang.c: FORCE $(TPL_STAMP)
	@tools/po.sh embed $@
build/assets.stamp: FORCE
	@tools/ui.sh $@
$(G)/assets.c: build/assets.stamp build/tools/embed
	build/tools/embed build/assets $(G)
$(G)/assets_data.S: $(G)/assets.c ;

# ---- unit tests: one program of all src/**/test_*.c; T=folder builds only what that folder needs ----
UNIT_T := $(if $(wildcard src/modules/$(firstword $(subst /, ,$(patsubst modules/%,%,$(T))))),$(patsubst modules/%,%,$(T)),$(T))
UNIT_FOLDER := $(firstword $(subst /, ,$(UNIT_T)))
SCOPE_base := base
SCOPE_store := base store
SCOPE_calc := base calc
SCOPE_view := base view
SCOPE_model := base store view model
SCOPE_work := base store view model work
SCOPE_web := base store view model work web
SCOPE := $(SCOPE_$(UNIT_FOLDER))
IS_MODULE := $(if $(UNIT_FOLDER),$(wildcard src/modules/$(UNIT_FOLDER)))
UNIT_IN := $(if $(SCOPE),src/$(UNIT_FOLDER),$(if $(IS_MODULE),$(IS_MODULE),src))
UNIT_FILES := $(shell find $(UNIT_IN) -name 'test_*.c' | LC_ALL=C sort)
UNIT_SRC := $(if $(SCOPE),$(foreach d,$(SCOPE),$(filter src/$d/%,$(SRC))),$(filter-out src/main.c,$(SRC)))
UNIT_GEN := $(G)/lang.c $(if $(filter model,$(or $(SCOPE),model)),$(G)/maps.c) $(if $(SCOPE),$(if $(filter model,$(SCOPE)),$(G)/no_modules.c),$(G)/modules.c) \
	$(if $(filter web,$(or $(SCOPE),web)),$(G)/assets.c $(G)/assets_data.S $(TPL_C))
UNIT_NAME := unit$(if $(SCOPE)$(IS_MODULE),-$(UNIT_FOLDER))
U := build/unit/$(UNIT_NAME)
UNIT_WRAP := $(patsubst src/%.c,$(U)/%.c,$(UNIT_FILES))
UNIT_OBJ := $(call obj,$(UNIT_SRC) $(UNIT_GEN) $(U)/table.c $(UNIT_WRAP))

$(G)/no_modules.c: tools/modules.sh
	@tools/modules.sh $@ none
$(U)/table.c: FORCE
	@tools/unit_table.sh $(U) $(UNIT_FILES)
$(UNIT_WRAP): $(U)/table.c ;
$(B)/$(UNIT_NAME).stamp: FORCE
	@tools/stamp.sh $@ '$(UNIT_OBJ)'
$(B)/$(UNIT_NAME): $(UNIT_OBJ) $(B)/$(UNIT_NAME).stamp
	$(CC) $(LDFLAGS) -o $@ $(UNIT_OBJ) $(LIBS) -lcmocka
unit-program: $(B)/$(UNIT_NAME)
unit:
	@tools/deps.sh test
	@+$(MAKE) --no-print-directory PROFILE=dev T='$(T)' unit-program
	@tools/unit.sh build/dev/$(UNIT_NAME) '$(if $(SCOPE)$(IS_MODULE),$(patsubst $(UNIT_FOLDER)/%,%,$(filter-out $(UNIT_FOLDER),$(UNIT_T))),$(T))'

# ---- checks ----
lint:
	@tools/lint.sh
layers:
	@tools/layers.sh
fmt:
	@tools/fmt.sh write
fmt-check:
	@tools/fmt.sh check
po-check: $(TPL_STAMP)
	@tools/po_check.sh
po-missing: $(TPL_STAMP)
	@tools/po.sh missing
tplc-test: build/tools/tplc
	@tools/test_tplc.sh
check:
	@+tools/check.sh
test:
	@+tools/test.sh
demo:
	@+tools/demo.sh
bench: all
	@tools/run_if.sh tests/bench/run.sh
bench-indicators: all
	@node tests/bench/indicators.mjs
# What the fuzz targets are compiled and linked with, beside the objects.
print-cflags:
	@echo $(PKG_CFLAGS)
print-libs:
	@echo $(LIBS)
fuzz:
	@FUZZ_SECONDS='$(or $(T),60)' NAME='$(NAME)' tools/fuzz.sh
watch:
	@+tools/watch.sh
new-module:
	@tools/new_module.sh '$(NAME)'
compile_commands.json: FORCE
	@tools/compile_commands.sh '$(CC) $(CFLAGS)' $(SRC) $(shell find src -name 'test_*.c') > $@
clean:
	rm -rf build
.PHONY: all print-cflags print-libs unit unit-program lint layers fmt fmt-check po-check po-missing tplc-test check test demo \
	bench bench-indicators fuzz watch new-module clean FORCE

-include $(shell find $(B) -name '*.d' 2>/dev/null)

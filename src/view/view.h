/* view.h: a page as data: blocks and typed cells. No markup, no SQL. Built by model/ and the
 * modules in the request's arena, walked by the renderers of web/ (HTML, JSON, CSV, XLSX). Labels
 * are already in the reader's language; values are typed and formatted by the renderer alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "base/i18n.h"
#include "base/value.h"

typedef enum Tone {
    TONE_NONE,
    TONE_GOOD,
    TONE_INFO,
    TONE_WARN,
    TONE_BAD,
    TONE_CRITICAL,
    TONE_MUTED,
    TONE_ACCENT
} Tone;

typedef enum CellKind {
    CELL_EMPTY = 0, /* drawn as a dash */
    CELL_TEXT,      /* what somebody typed: isolated for bidi */
    CELL_LABEL,     /* interface words or a choice: `text` shown, `key` for machines */
    CELL_CODE,      /* number or code: always left to right */
    CELL_INT,
    CELL_DECIMAL, /* i with scale */
    CELL_PERCENT, /* i with scale: 12.5 % is i=125 scale=1 */
    CELL_MONEY,   /* i minor units, currency */
    CELL_DATE,    /* text ISO */
    CELL_INSTANT, /* i microseconds UTC */
    CELL_BOOL,
    CELL_STATE,    /* dot with tone and word: key = state name, text = label */
    CELL_REF,      /* another record: key = its number or code, text = title, href */
    CELL_PERSON,   /* key = e-mail or code, text = name */
    CELL_MARKDOWN, /* long text */
    CELL_FILE,     /* text = name, i = size, href = download */
    CELL_LIST,     /* several: more/n_more */
    CELL_ROWS      /* child rows: more = CELL_LIST per row, whose cells carry `name` and `label` */
} CellKind;

typedef struct Cell Cell;
struct Cell {
    CellKind kind;
    const char *name; /* only inside CELL_ROWS: field name */
    Str label;        /* only inside CELL_ROWS: column label */
    Str key, text;
    int64_t i;
    int scale;
    char currency[4];
    Str href; /* empty: no link */
    Tone tone;
    Str note;    /* small text under or beside, also the accessible explanation */
    Str instead; /* words that people read in place of a figure that is none yet ("not valued") */
    const Cell *more;
    size_t n_more;
    bool is_named;  /* CELL_REF: people know it by its title, the key is for machines */
    bool is_yearly; /* CELL_DATE: comes every year; people read day and month */
    bool is_masked; /* hidden from this reader: HTML shows a lock, machine formats leave it out */
};

typedef struct Block Block;

/* A button or link that does something. */
typedef struct Button {
    Str label;
    Str href; /* target; POST when is_post */
    bool is_post;
    bool is_primary, is_danger;
    bool asks; /* href is a GET page holding a small form (reason); script opens it as a dialog */
    const char *icon; /* icon name or NULL */
    Str disabled_why; /* not empty: shown disabled with this explanation */
    Str name, value;  /* optional hidden field sent with a POST */
} Button;

/* ---- list ---- */
typedef struct Column {
    const char *name; /* field name, key in machine formats */
    Str label;
    CellKind kind;    /* decides alignment: numbers and money at the end side */
    bool is_hidden;   /* machine formats only */
    bool is_main;     /* the cell that carries the row's link (title) */
    Str sort_href;    /* empty: cannot be sorted */
    int sorted;       /* 0 no, 1 ascending, -1 descending */
    char currency[4]; /* all amounts of the column are in it: said once, in the head */
    bool is_long;     /* sentences: it takes the room that the others leave */
} Column;

typedef struct Row {
    Str id; /* number, for bulk choice */
    Str href;
    const Cell *cells; /* one per column */
    Tone tone;
} Row;

/* Rows are pulled one at a time; each row lives in `scratch` until the next call. */
typedef struct RowSource {
    Err (*next)(void *state, Arena *scratch, Row *out, bool *has);
    void *state;
} RowSource;

typedef struct FilterOption {
    Str value, label;
    int depth; /* trees */
    bool is_chosen;
    bool is_group; /* heading of the options after it (pickers) */
} FilterOption;
typedef enum FilterKind {
    FILTER_CHOICE,
    FILTER_TREE,
    FILTER_TEXT,
    FILTER_DATE,
    FILTER_NUMBER,
    FILTER_BOOL
} FilterKind;
typedef struct Filter {
    Str name; /* query parameter without operator, e.g. "discovered_on" */
    Str label;
    FilterKind kind;
    Str value, value_to; /* as in the address; value_to for ranges (.le) */
    bool is_range;       /* .ge and .le */
    bool is_tree;        /* .under */
    bool is_active;
    Str sentence; /* "Discovered between 1 Jan and 31 Mar 2026" for the chip */
    Str clear_href;
    const FilterOption *options;
    size_t n_options;
} Filter;
typedef struct Tab {
    Str label, href;
    int64_t count; /* -1: none shown */
    bool is_current;
} Tab;
typedef struct ListView {
    const Column *columns;
    size_t n_columns;
    RowSource rows;
    int64_t total; /* -1 unknown */
    bool total_is_exact;
    Cell sum; /* CELL_EMPTY: none */
    Str sum_label;
    const Filter *filters;
    size_t n_filters;
    const Tab *tabs; /* built-in and saved views */
    size_t n_tabs;
    Str search; /* current q */
    Str action; /* address of the filter form (GET); the query is what a search keeps */
    Str next_href, first_href;
    Str next_cursor;  /* for JSON */
    Str export_query; /* "?state=open..." appended to action + ".csv" / ".xlsx" / ".json"; empty: no
                         export */
    const Button *bulk; /* shown when rows are chosen; POST with number=... repeated */
    size_t n_bulk;
    Str columns_href;              /* column choice page; empty: none */
    Str report_href, report_label; /* the figures of this very list; empty: none */
    Str empty_title, empty_text;
    Button empty_button;
    Str filters_href; /* page of the filter panel, loaded when it is opened: `filters` are those in
                         force alone; empty: there is none */
    bool is_filters;  /* nothing but the panel, with every filter and its choices */
    bool is_plain;    /* a small list inside a page: no filter bar */
    bool is_bar;      /* nothing but the filters in force: of a figure made from such a list */
} ListView;

/* ---- facts ---- */
typedef struct Fact {
    const char *name;
    Str label;
    Cell cell;
    bool is_hidden; /* machine formats only */
    bool is_wide;
    bool is_quiet; /* says nothing (empty, zero, no): folded behind the others */
} Fact;
typedef struct FactsView {
    const Fact *facts;
    size_t n;
    bool is_headline; /* large figures in a line instead of label/value pairs */
} FactsView;

/* ---- form ---- */
typedef enum InputKind {
    INPUT_TEXT,
    INPUT_LONG,
    INPUT_INT,
    INPUT_DECIMAL,
    INPUT_MONEY,
    INPUT_DATE,
    INPUT_INSTANT,
    INPUT_BOOL,
    INPUT_CHOICE,  /* select; radio pills when n_options <= 6 and `as_cards`; with `as_picker` the
                      first n_quick stand open, the others under their headings in a folded list */
    INPUT_CHOICES, /* check boxes */
    INPUT_TREE,    /* select with indentation and type-ahead */
    INPUT_REF,     /* options given, or looked up at lookup_href?q= (type-ahead; plain text number
                      without script) */
    INPUT_REFS,
    INPUT_FILE,
    INPUT_PASSWORD,
    INPUT_HIDDEN,
    INPUT_ROWS /* child rows */
} InputKind;
typedef struct FormField FormField;
struct FormField {
    Str name, label, help, example;
    InputKind kind;
    const Str *values; /* what was typed or stored, as text */
    size_t n_values;
    Str currency; /* INPUT_MONEY: chosen currency; field is NAME.amount and NAME.currency */
    const FilterOption *options;
    size_t n_options;
    Str lookup_href; /* of INPUT_LONG: people for @name */
    Str value_label; /* INPUT_REF without options: title of the current value */
    const Str *errors;
    size_t n_errors;
    bool is_label_hidden; /* the group's title asks it already: for screen readers alone */
    bool is_required, is_readonly, as_cards, as_picker,
        is_optional_part; /* is_optional_part: folded under "More" */
    size_t n_quick;
    int max_length, scale;
    int rows;        /* INPUT_LONG height */
    bool is_default; /* holds what it began with: no reason to stand out of "More" */
    Str only_if; /* "field=value", or "field=value|other": counts with these answers only; script
                    shows and hides it */
    bool is_off; /* only_if does not hold now: script hides it at once */
    Str preset;  /* JSON text of {option: {field: value}} that script uses to preset others; empty:
                    none */
    const FormField *children; /* INPUT_ROWS: one row's fields, as a template */
    size_t n_children;
    const FormField *const *child_rows; /* INPUT_ROWS: n_child_rows arrays of n_children fields */
    size_t n_child_rows;
};
typedef struct FormGroup {
    Str label, text;
    const FormField *fields;
    size_t n;
    bool is_folded;
    size_t n_shown, n_filled; /* is_folded: fields that count now, and those that hold something;
                                 n_shown 0: nothing is said */
    Str more_label;           /* of what is folded as is_optional_part; empty: "More" */
} FormGroup;
typedef struct FormView {
    Str action; /* POST address */
    const FormGroup *groups;
    size_t n_groups;
    Str submit_label;
    Button cancel;
    const Button *other; /* further submit buttons (name/value) */
    size_t n_other;
    const Str *errors; /* of the whole record */
    size_t n_errors;
    Str version; /* hidden field for the optimistic lock; empty when new */
    bool has_files;
    bool is_get;      /* a filter or parameter form */
    bool is_toolbar;  /* is_get, one row: choices act at once (as_cards: side by side, else as a
                         menu), what is typed stands in a menu of its own */
    bool is_numbered; /* groups are questions: numbered, one after the other */
    bool is_sheet;    /* many groups of the same questions: close together, digits answer */
    bool is_entry;    /* many groups of a few figures: a card each, its fields side by side */
    bool autosave;    /* script keeps a draft in the browser until sent */
    Str live_href;    /* script posts the form here and shows the derived values; empty: none */
} FormView;

/* ---- ledger, matrix, chart, path, timeline, tree, text ---- */
typedef struct LedgerView { /* amounts line by line with running sums */
    const Column *columns;
    size_t n_columns;
    const Row *rows;
    size_t n_rows;
    const Cell *totals; /* one per column or NULL */
    Str empty_text;
    const Button *buttons;
    size_t n_buttons;
} LedgerView;

typedef struct MatrixCell {
    int64_t count;
    Cell main, second, third; /* e.g. gross, net */
    int level; /* 0 no data, 1..5 shade; of a rating: the class, also where count is 0 */
    Str href;
    Str note; /* the same in words */
} MatrixCell;
/* What went from one cell to another, or stayed in it. */
typedef struct MatrixMove {
    size_t from_row, from_col, to_row, to_col;
    int64_t count;
    int better;    /* 1: it fell, -1: it rose, 0: neither */
    Cell from, to; /* the same in words */
    Str href;
} MatrixMove;
typedef struct MatrixView {
    Str corner, caption;
    const Str *row_labels, *row_keys;
    const Str *col_labels, *col_keys;
    size_t n_rows, n_cols;
    const MatrixCell *cells;                           /* row-major */
    const MatrixCell *row_totals, *col_totals, *total; /* NULL: none */
    const char *main_name, *second_name, *third_name;  /* keys in machine formats ("gross") */
    Str main_label, second_label, third_label;
    int shown; /* which figure stands large: 0 count, 1 main, 2 second, 3 third */
    /* A rating: each cell lies in a class 1..n_levels of these names and is coloured by it, from
     * low to critical. NULL: shades from little to much. */
    const Str *level_labels;
    size_t n_levels;
    /* A grid: many small cells without links of their own, each with a sign of its level; rows may
     * have a link, a note under their label and a line of their main figures before the cells. */
    bool is_grid;
    const Str *row_hrefs, *row_notes; /* NULL: none */
    Str spark_label;                  /* heading of the lines; empty: none */
    /* Movements drawn as arrows over the cells of a rating, the largest first, with all of them in
     * a table beside; the machine formats hold the movements instead of the cells. */
    bool is_moves;
    const MatrixMove *moves;
    size_t n_moves;
    Str from_label, to_label, empty_text;
} MatrixView;

/* What leads to what, in columns from first to last in the reading direction: a bow-tie, a chain.
 */
typedef struct GraphNode {
    Str label, key, href, note;
    Tone tone;
} GraphNode;
typedef struct GraphColumn {
    Str label;
    const char *name; /* key in machine formats */
    const GraphNode *nodes;
    size_t n;
    Str empty_text;
    bool is_centre; /* what it is all about */
} GraphColumn;
typedef struct GraphView {
    Str caption;
    const GraphColumn *columns;
    size_t n;
} GraphView;

typedef enum ChartKind {
    CHART_BARS,
    CHART_STACKED,
    CHART_LINE,
    CHART_HBARS,
    CHART_NESTED /* each series is a part of the one before it: gross, then net */
} ChartKind;
typedef struct ChartSeries {
    Str label;
    const char *name;
    const int64_t *values; /* n_points; scaled as the unit says */
    Tone tone;
} ChartSeries;
/* A coloured zone behind a line: from low to high at each point, INT64_MIN and INT64_MAX for no
 * end; low >= high: none there. */
typedef struct ChartBand {
    Str label;
    Tone tone;
    const int64_t *low, *high; /* n_points */
} ChartBand;
typedef struct ChartView {
    ChartKind kind;
    Str caption;
    const Str *points; /* labels of the axis */
    const Str *point_keys;
    bool points_are_months; /* keys are "2026-03": the axis says months and years */
    const Str *point_hrefs; /* may be NULL */
    size_t n_points;
    const ChartSeries *series;
    size_t n_series;
    CellKind unit; /* CELL_MONEY, CELL_INT or CELL_DECIMAL */
    char currency[4];
    int scale; /* CELL_DECIMAL */
    bool is_small;
    bool is_tight;          /* CHART_LINE: the axis need not hold zero */
    const ChartBand *bands; /* CHART_LINE */
    size_t n_bands;
    const Tone *tones; /* CHART_LINE: of the points of the first series, told by their shape, too */
} ChartView;

typedef struct PathStep {
    Str label;
    bool is_done, is_current;
    int64_t at_us; /* 0: not reached */
    Str who;
} PathStep;
typedef struct PathView {
    const PathStep *steps;
    size_t n;
} PathView;

typedef struct Change Change;
/* What happened to one row of a child table. */
typedef struct RowChange {
    Cell name;           /* the first of its cells that says something */
    int sign;            /* 1 added, -1 taken away, 0 changed */
    const Change *cells; /* those that differ */
    size_t n;
} RowChange;
struct Change {
    Str label;
    const char *name;
    Cell before, after;
    const RowChange *rows; /* of a child table: what people read in place of before and after */
    size_t n_rows;
};
typedef struct TimelineItem {
    int64_t at_us;
    Str who, what, text; /* what: "raised the estimate", text: reason or comment (user's words) */
    const Change *changes;
    size_t n_changes;
    Str key; /* entry hash or id, machine formats and detail */
    Str href;
    Tone tone;
    const Change *step; /* machine formats: the change that `what` already says; NULL: none */
} TimelineItem;
typedef struct TimelineView {
    const TimelineItem *items;
    size_t n;
    Str empty_text, more_href;
} TimelineView;

typedef struct TreeNode {
    Str label, key, href, note;
    int depth;
    bool is_retired;
    Cell figure;
} TreeNode;
typedef struct TreeView {
    const TreeNode *nodes; /* depth-first */
    size_t n;
    Str empty_text;
} TreeView;

/* ---- board: cards in columns, each with the steps that lead to another column ---- */
typedef struct BoardMove {
    size_t to;   /* index of the column */
    Button step; /* what takes it there; script lets it be dragged or moved by key */
} BoardMove;
typedef struct BoardCard {
    Str id, href;      /* number and page */
    const Cell *cells; /* one per field; the first is the card's title */
    Tone tone;
    const BoardMove *moves;
    size_t n_moves;
} BoardCard;
typedef struct BoardColumn {
    const char *name; /* state */
    Str label;
    Tone tone;
    const BoardCard *cards;
    size_t n;
    int64_t total; /* of which `n` are shown */
    Str more_href; /* all of them; empty: none left out */
} BoardColumn;
typedef struct BoardView {
    const Column *fields;
    size_t n_fields;
    const BoardColumn *columns;
    size_t n_columns;
    Str empty_text;
} BoardView;

/* ---- gantt: rows with a bar on a time axis, drawn by the server, and the same as a table ---- */
typedef struct GanttMark {
    Str day, label; /* ISO date */
    bool is_done;
} GanttMark;
typedef struct GanttRow {
    Str id, href;
    const Cell *cells; /* one per column; the first is the row's name */
    Str start, end;    /* ISO dates; both empty: no bar */
    Str baseline;      /* the end as first agreed; empty: as the end */
    int progress;      /* 0..100 */
    int depth;         /* 0: a heading with a thin bar over its rows */
    Tone tone;
    Str note;            /* the bar in words */
    const size_t *after; /* rows that must end before this one starts */
    size_t n_after;
    const GanttMark *marks;
    size_t n_marks;
} GanttRow;
typedef struct GanttView {
    Str caption;
    const Column *columns; /* of the table beside the drawing */
    size_t n_columns;
    const GanttRow *rows;
    size_t n_rows;
    Str from, to, today; /* ISO dates; from and to: bounds of the axis */
    Str empty_text;
} GanttView;

typedef enum TextKind {
    TEXT_PLAIN,
    TEXT_MARKDOWN,
    TEXT_NOTICE,
    TEXT_EMPTY,
    TEXT_HEADING,
    TEXT_CODE,
    TEXT_PROGRESS /* `part` of `whole` is done; whole 0: nobody knows */
} TextKind;
typedef struct TextView {
    TextKind kind;
    Str title, text;
    Tone tone;
    int64_t part, whole;
    Button button; /* label empty: none */
} TextView;

/* An address to be read by a phone's camera, with words in several languages. */
typedef struct QrLine {
    Lang lang;
    Str title, text;
} QrLine;
typedef struct QrView {
    Str url; /* whole, with its scheme */
    const QrLine *lines;
    size_t n_lines;
} QrView;

typedef enum BlockKind {
    BLOCK_LAYOUT,
    BLOCK_FACTS,
    BLOCK_LIST,
    BLOCK_FORM,
    BLOCK_LEDGER,
    BLOCK_MATRIX,
    BLOCK_CHART,
    BLOCK_GRAPH,
    BLOCK_TIMELINE,
    BLOCK_TREE,
    BLOCK_PATH,
    BLOCK_HISTORY,
    BLOCK_TEXT,
    BLOCK_BOARD,
    BLOCK_GANTT,
    BLOCK_QR
} BlockKind;
typedef enum LayoutKind {
    LAYOUT_STACK,
    LAYOUT_SPLIT /* content, side */,
    LAYOUT_GRID,
    LAYOUT_SECTION /* titled */,
    LAYOUT_TABS,
    LAYOUT_CARD
} LayoutKind;

typedef struct LayoutView {
    LayoutKind kind;
    Block **items;
    size_t n, cap;
    Str title, text;
    const Button *buttons;
    size_t n_buttons;
    bool is_folded;
    bool starts_page; /* printed on a page of its own */
} LayoutView;

struct Block {
    BlockKind kind;
    const char *id; /* stable id for anchors and partial updates; NULL: none */
    union {
        LayoutView layout;
        FactsView facts;
        ListView list;
        FormView form;
        LedgerView ledger;
        MatrixView matrix;
        ChartView chart;
        GraphView graph;
        PathView path;
        TimelineView timeline; /* also BLOCK_HISTORY */
        TreeView tree;
        TextView text;
        BoardView board;
        GanttView gantt;
        QrView qr;
    };
};

typedef struct Crumb {
    Str label, href;
} Crumb;

typedef enum Format { FORMAT_HTML, FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX } Format;

/* A file instead of a page. */
typedef struct PageFile {
    int fd;
    int64_t size;
    Str name; /* ASCII */
    Str content_type;
} PageFile;

typedef struct Page {
    Str title;         /* without the product's name */
    Str eyebrow;       /* small line above: number, type */
    Cell state;        /* CELL_STATE or empty */
    const Cell *marks; /* labels beside the state: "Overdue" */
    size_t n_marks;
    Str subtitle;
    const Crumb *trail;
    size_t n_trail;
    const Button *buttons; /* the first primary one is the next step */
    size_t n_buttons;
    Block *body;
    Block *main;          /* inside body; the only block that JSON, CSV and XLSX print */
    const char *main_key; /* JSON: NULL prints the block's value itself */
    Str etag;             /* record version */
    bool is_print;        /* print page: no shell, A4 */
    bool is_confirmation; /* says itself what was done: no notice above it */
    bool is_bare;         /* login, anonymous declaration: small shell */
    const char *nav;      /* current navigation entry's path */
    int status;           /* 0: 200 */
    Str confidentiality;  /* printed in header and footer when given */
    const PageFile *file; /* sent as it is; the rest of the page is not looked at */
    int refresh_seconds;  /* something is under way: the page shows itself again; 0: no */
    Str as_of;            /* ISO date when the page shows the past */
    bool is_past_said;    /* the body says so itself */
    Str proof;            /* on paper, at its foot: which version it shows and its fingerprint */
    Str from, to;         /* ISO days that the page is about: sections of modules follow them */
} Page;

/* Builders. All results live in the arena. */
Block *view_layout(Arena *a, LayoutKind kind, Str title);
void view_put(Arena *a, Block *layout, Block *item); /* NULL item: nothing */
Block *view_block(Arena *a, BlockKind kind);
Block *view_text(Arena *a, TextKind kind, Tone tone, Str title, Str text);
Cell cell_text(Str s);
Cell cell_label(Str key, Str text);
Cell cell_code(Str s);
Cell cell_int(int64_t i);
Cell cell_decimal(int64_t i, int scale);
Cell cell_percent(int64_t i, int scale);
Cell cell_money(Money m);
Cell cell_date(Str iso);
Cell cell_instant(int64_t us);
Cell cell_bool(bool b);
Cell cell_state(Str key, Str label, Tone tone);
Cell cell_ref(Str key, Str text, Str href);
Cell cell_link(Cell c, Str href);
/* Sets the currency of money columns whose amounts all have the same one. */
void view_share_currency(Column *columns, size_t n, const Row *rows, size_t n_rows);
/* A row source over an array that outlives it. */
RowSource rows_of_array(Arena *a, const Row *rows, size_t n);

#endif

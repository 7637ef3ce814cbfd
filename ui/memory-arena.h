/* LwMemoryArena: the picture of the Memory page: memory over the steps of an iteration. A click or
 * the arrows mark a tensor's layer on all pages; hovering tells what a bar is. Main thread. */
#pragma once

#include "ui/draw/memory-picture.h"
#include "ui/memory-planner.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_ARENA (lw_memory_arena_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryArena, lw_memory_arena, LW, MEMORY_ARENA, GtkWidget)

/* `planner`: kept. */
GtkWidget *lw_memory_arena_new (LwWorkbench *workbench, LwMemoryPlanner *planner);
/* As it is painted now; NULL: there is none. Until the next plan or size. */
const LwMemoryPicture *lw_memory_arena_picture (LwMemoryArena *self);
/* The bar that has the keyboard, in words; NULL: none. */
const char *lw_memory_arena_description (LwMemoryArena *self);
/* Writes the picture in the light theme; the ending of `path` decides the format. */
bool lw_memory_arena_export (LwMemoryArena *self, const char *path, GError **error);

G_END_DECLS

/* LwDistributionDetail: the marked layer's distribution, large: every moment shown, the values
 * under the pointer, mean, deviation and ends of the newest; the run beside as an outline. Main
 * thread. */
#pragma once

#include "ui/distribution-picture.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DISTRIBUTION_DETAIL (lw_distribution_detail_get_type ())
G_DECLARE_FINAL_TYPE (LwDistributionDetail, lw_distribution_detail, LW, DISTRIBUTION_DETAIL,
                      GtkWidget)

GtkWidget *lw_distribution_detail_new (void);
/* The picture is copied; what it points at is borrowed until the next call. NULL or row −1: says
 * what to do. Column −1: the last that the row has. */
void lw_distribution_detail_show (LwDistributionDetail *self, const LwDistributionPicture *picture,
                                  int row, int column);
/* "conv 1, after the sigmoid" */
const char *lw_distribution_detail_title (LwDistributionDetail *self);

G_END_DECLS

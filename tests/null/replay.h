/* Replays a plan with labels instead of numbers: each write puts its label on the bytes of its
 * buffer and takes it from all that it overlaps, each read checks the label that it needs. A plan
 * that lets two things share memory too early fails here. */
#pragma once

#include "engine/plan.h"

void replay_plan (const LwPlan *plan);

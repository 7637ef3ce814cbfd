/* For check_globals.py: one variable that it must find, and tables that it must not. */
int planted_get (int index);

static int planted_counter;
static const char *const planted_names[] = { "a", "b" };
static const int planted_table[] = { 1, 2, 3 };

int
planted_get (int index)
{
  planted_counter += index;
  return planted_counter + planted_table[index] + planted_names[index & 1][0];
}

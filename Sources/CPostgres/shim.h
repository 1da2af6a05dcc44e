#ifndef CPOSTGRES_SHIM_H
#define CPOSTGRES_SHIM_H

#include <libpq-fe.h>

/* The field codes are character literals, which Swift does not import. */
static const int cpostgres_field_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int cpostgres_field_sqlstate = PG_DIAG_SQLSTATE;
static const int cpostgres_field_message = PG_DIAG_MESSAGE_PRIMARY;
static const int cpostgres_field_constraint = PG_DIAG_CONSTRAINT_NAME;

#endif

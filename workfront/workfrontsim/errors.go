package workfrontsim

import (
	"fmt"
	"net/http"
)

// Classes seen in answers of Workfront.
const (
	classAuthentication = "com.attask.common.AuthenticationException"
	classNotFound       = "com.attask.common.ObjectNotFoundException"
	classAccess         = "com.attask.common.InsufficientAccessException"
	classInvalid        = "com.attask.common.InvalidParameterException"
	classModel          = "com.attask.common.APIModelException"
	classArgument       = "java.lang.IllegalArgumentException"
	classUnsupported    = "java.lang.UnsupportedOperationException"
)

// apiError is an error as Workfront words it: {"error":{"class","message"}},
// or {"error":"message"} where plain is set.
type apiError struct {
	status  int
	class   string
	message string
	plain   bool
	body    any // the whole answer, where it has another shape
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func notLoggedIn() error {
	return &apiError{status: http.StatusUnauthorized, class: classAuthentication, message: "You are not currently logged in."}
}

func invalidSession() error {
	return &apiError{status: http.StatusUnauthorized, class: classAuthentication, message: "Invalid session ID."}
}

func wrongPassword() error {
	return &apiError{status: http.StatusUnauthorized, class: classAuthentication,
		message: "That username/password combination wasn't quite right. Try again?"}
}

func notFound(object *objectType, id string) error {
	return &apiError{status: http.StatusNotFound, class: classNotFound,
		message: fmt.Sprintf("%s with primary key value(s) %q not found", object.name, id)}
}

func noAccess(verb string, object *objectType) error {
	return &apiError{status: http.StatusForbidden, class: classAccess,
		message: fmt.Sprintf("You do not have sufficient access to %s this %s", verb, object.name)}
}

func invalidParameter(name, value string) error {
	return &apiError{status: http.StatusUnprocessableEntity, class: classInvalid,
		message: fmt.Sprintf("Invalid Parameter: %s value %q", name, value)}
}

func invalid(format string, args ...any) error {
	return &apiError{status: http.StatusUnprocessableEntity, class: classInvalid, message: fmt.Sprintf(format, args...)}
}

// notTopLevel is the answer to a secondary object that is asked for itself.
func notTopLevel(object *objectType) error {
	return &apiError{status: http.StatusUnprocessableEntity, class: classModel,
		message: object.code + " is not a top level object and can't be requested directly"}
}

// badRequest is a request whose form, not its content, is wrong.
func badRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...), plain: true}
}

// notSimulated refuses what Workfront serves and this package does not, so that
// nobody mistakes a gap of the simulator for an answer of Workfront.
func notSimulated(format string, args ...any) error {
	return &apiError{status: http.StatusNotImplemented, class: classUnsupported,
		message: "workfrontsim does not simulate " + fmt.Sprintf(format, args...)}
}

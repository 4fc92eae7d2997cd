# Makes a source of a text file, for what the program serves as it is.
#   cmake -DINPUT=FILE -DOUTPUT=FILE.cc -DHEADER=app/x.h -DFUNCTION=x -P embed_text.cmake
file(READ "${INPUT}" text)
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n\nnamespace tandem {\n\nstd::string_view ${FUNCTION}() {\n  return R\"~~~~(${text})~~~~\";\n}\n\n}  // namespace tandem\n")

# cmake -D made=FILE.cpp -D header=HEADER -D namespace=NAMESPACE -D "entries=NAME=FILE|..." -P ...
cmake_minimum_required(VERSION 3.25)
set(text "#include \"${header}\"\n\nnamespace ${namespace} {\n")
string(REPLACE "|" ";" entries "${entries}")
foreach(entry IN LISTS entries)
  string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" bytes HEX)
  # An empty file would be an array without elements.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}00")
  # Short lines: compilers quote whole ones.
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
    "\\1\n" bytes "${bytes}")
  string(APPEND text "
namespace {
constexpr unsigned char k_${name}[] = {
${bytes}};
}  // namespace
std::string_view ${name}() {
  return {reinterpret_cast<const char*>(k_${name}), sizeof k_${name} - 1};
}
")
endforeach()
string(APPEND text "\n}  // namespace ${namespace}\n")
file(WRITE ${made} "${text}")

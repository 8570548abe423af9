. "$(dirname "$0")/repository"
for n in 1 2 3 4; do mkdir -p "in-block$n/samples" && cp -r "$samples" "in-block$n/samples/pipeline"; done
README=$samples/README.md exec bash -u "$(dirname "$0")/../readme/examples-print-what-they-show.sh"

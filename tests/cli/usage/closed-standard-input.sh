canon info - <&-

canon inof x.pt
